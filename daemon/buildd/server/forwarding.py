"""What a session is sent while a request of its own is under way: progress, output, new runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from buildd.engines import OnProgress
from buildd.errors import BuilddError
from buildd.model import RunState
from buildd.projects.project import LiveProject
from buildd.protocol import Output, Progress
from buildd.runs.observer import Observer
from buildd.runs.run import LiveRun
from buildd.server.session import Session


def reporter(session: Session) -> OnProgress:
    """Return what tells the session how the preparing of an environment goes."""

    def report(message: str, percentage: int | None) -> None:
        session.notify("buildd/progress", Progress(message=message, percentage=percentage))

    return report


def forward(session: Session, run: LiveRun) -> None:
    """Tell the session how the run goes, from now to its end."""
    observer = _ForwardedRun(session)
    run.observers.add(observer)
    observer.run_changed(run)


async def stream(session: Session, run: LiveRun) -> None:
    """Send the run's output from its beginning to its end, as fast as the client reads.

    Raises ConnectionError if the client leaves.
    """
    async for data in run.output():
        session.notify("buildd/output", Output(run=run.record.id, data=data))
        await session.drain()


@contextmanager
def created_runs(
    project: LiveProject, on_error: Callable[[BuilddError], None] = lambda error: None
) -> Iterator[asyncio.Queue[LiveRun]]:
    """Give a queue into which every run goes that is created as long as the context lasts.

    `on_error` is called with what fails meanwhile without a request that answers with it.
    """
    observer = _CreatedRuns(on_error)
    project.observers.add(observer)
    try:
        yield observer.queue
    finally:
        project.observers.remove(observer)


class _ForwardedRun(Observer):
    """Tells one session how one run goes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._has_started = False

    def run_changed(self, run: LiveRun) -> None:
        if run.record.state is RunState.RUNNING and not self._has_started:
            self._has_started = True
            self._session.notify("buildd/runStarted", run.record)

    def run_preparing(self, run: LiveRun) -> None:
        progress = Progress(message=run.preparing, percentage=run.percentage, run=run.record.id)
        self._session.notify("buildd/progress", progress)


class _CreatedRuns(Observer):
    def __init__(self, on_error: Callable[[BuilddError], None]) -> None:
        self.queue: asyncio.Queue[LiveRun] = asyncio.Queue()
        self._on_error = on_error

    def run_created(self, run: LiveRun) -> None:
        self.queue.put_nowait(run)

    def error_occurred(self, error: BuilddError) -> None:
        self._on_error(error)
