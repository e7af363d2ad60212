"""The method that tells a client which projects have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from buildd.model import Diagnostic
from buildd.projects.project import LiveProject
from buildd.protocol import Changed, EventsParams, Nothing
from buildd.runs.observer import Observer
from buildd.runs.run import LiveRun
from buildd.server.session import Session

CHANGES_INTERVAL = 0.05
"""Seconds at least between two notifications of changes."""


async def events(session: Session, params: EventsParams) -> Nothing:
    """Tell which projects have changed, until the request is cancelled."""
    projects = session.projects
    changed: set[str] = set()
    has_changed = asyncio.Event()
    joined: list[tuple[LiveProject, Observer]] = []

    def follow(project: LiveProject) -> None:
        def on_change() -> None:
            changed.add(project.path)
            has_changed.set()

        observer = _Changes(on_change)
        joined.append((project, observer))
        project.join(observer)
        on_change()

    if params.project:
        follow(await projects.find(params.project))
    else:
        for project in projects.known():
            follow(project)
        projects.on_open.add(follow)
    try:
        while True:
            await has_changed.wait()
            has_changed.clear()
            for path in sorted(changed):
                session.notify("buildd/changed", Changed(project=path))
            changed.clear()
            await session.drain()
            await asyncio.sleep(CHANGES_INTERVAL)
    finally:
        projects.on_open.discard(follow)
        for project, observer in joined:
            project.leave(observer)


class _Changes(Observer):
    """Calls `on_change` whenever something happens in a project that its status shows."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    def run_created(self, run: LiveRun) -> None:
        self._on_change()

    def run_changed(self, run: LiveRun) -> None:
        self._on_change()

    def run_found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        self._on_change()

    def run_ended(self, run: LiveRun) -> None:
        self._on_change()

    def diagnostics_changed(self, files: set[str]) -> None:
        self._on_change()

    def environment_changed(self) -> None:
        self._on_change()

    def configuration_changed(self) -> None:
        self._on_change()
