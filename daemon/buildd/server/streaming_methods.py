"""The custom methods that last, and send as they go: runs, watching, logs, changes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from buildd.diagnostics.positions import tests_to_wire, to_wire
from buildd.engines import OnProgress
from buildd.errors import BuilddError, UnknownNameError
from buildd.model import Diagnostic, Run, RunState, Trigger
from buildd.output.run_log import read_at
from buildd.projects.observer import ProjectObserver
from buildd.projects.project import LiveProject
from buildd.projects.run_images import build
from buildd.protocol import (
    Changed,
    EventsParams,
    ExecParams,
    ImageParams,
    ImageResult,
    LogsParams,
    Nothing,
    Output,
    Progress,
    Ready,
    RunParams,
    RunResult,
    WatchParams,
)
from buildd.runs.observer import RunObserver
from buildd.runs.run import LiveRun
from buildd.runs.store import KEPT_OUTPUTS
from buildd.server.session import Session

CHANGES_INTERVAL = 0.05
"""Seconds between two words on what has changed."""


async def run(session: Session, params: RunParams) -> RunResult:
    """Run a task, and stream it."""
    project = await session.server.projects.find(params.project)
    holder = object()
    if params.tests:
        live = await project.runs.run_tests(params.task, params.tests, holder)
    else:
        live = await project.runs.run_task(params.task, Trigger.REQUEST, holder)
    _forward(session, live)
    try:
        if params.output:
            await _stream(session, live)
        else:
            await live.wait()
    except (asyncio.CancelledError, ConnectionError):
        live.release(holder)
        await live.wait()
    # What was answered is not lost, whatever happens then.
    await project.results.stored()
    if live.error and live.record.state is RunState.FAILED:
        raise live.error
    return await _result(project, live)


async def image(session: Session, params: ImageParams) -> ImageResult:
    """Build a run image, after the tasks that it needs."""
    project = await session.server.projects.find(params.project)

    async def run_task(name: str) -> Run:
        result = await run(
            session, RunParams(project=params.project, task=name, output=params.output)
        )
        session.notify("buildd/runEnded", result)
        return result.run

    return await build(project, params.image, run_task, reporter(session))


async def watch(session: Session, params: WatchParams) -> Nothing:
    """Run tasks whenever files change, until the request is cancelled."""
    project = await session.server.projects.find(params.project)

    def tell(error: BuilddError) -> None:
        session.notify("buildd/progress", Progress(message=str(error)))

    with project.created_runs(tell) as created:
        # One that waits already may be the one that the watching begins with.
        for live in project.runs.under_way():
            created.put_nowait(live)
        async with project.watching(params.tasks) as names:
            while True:
                live = await created.get()
                if live.record.task in names:
                    _forward(session, live)
                    await _stream(session, live)
                    session.notify("buildd/runEnded", await _result(project, live))


async def execute(session: Session, params: ExecParams) -> RunResult:
    """Run a command whose pipes the client opens itself."""
    project = await session.server.projects.find(params.project)
    holder = object()

    def ready(pipes: Ready) -> None:
        session.notify("buildd/ready", pipes)

    live = await project.runs.execute(params, holder, ready)
    _forward(session, live)
    try:
        await live.wait()
    except asyncio.CancelledError:
        live.release(holder)
        await live.wait()
    if live.error:
        raise live.error
    return RunResult(run=live.record)


async def logs(session: Session, params: LogsParams) -> Nothing:
    """A run's output, and with `follow` what comes."""
    project = await session.server.projects.find(params.project)
    # From here on no run is missed: others may start while stored output is looked for.
    with project.created_runs() as created:
        live = next(
            (one for one in reversed(project.runs.under_way()) if _is_wanted(one, params)), None
        )
        sent = ""
        if live and params.follow:
            await _stream(session, live)
        else:
            sent = await _send_stored(session, project, params)
        while params.follow and not params.run:
            later = await created.get()
            if _is_wanted(later, params) and later.record.id != sent:
                await _stream(session, later)
    return Nothing()


async def events(session: Session, params: EventsParams) -> Nothing:
    """Tell which projects have changed, until the request is cancelled."""
    projects = session.server.projects
    changed: set[str] = set()
    news = asyncio.Event()
    watchers: list[_Changes] = []

    def follow(project: LiveProject) -> None:
        watchers.append(_Changes(project, tell))
        project.join(watchers[-1])
        tell(project)

    def tell(project: LiveProject) -> None:
        changed.add(project.path)
        news.set()

    if params.project:
        follow(await projects.find(params.project))
    else:
        for project in projects.known():
            follow(project)
        projects.opened.add(follow)
    try:
        while True:
            await news.wait()
            news.clear()
            for path in sorted(changed):
                session.notify("buildd/changed", Changed(project=path))
            changed.clear()
            await session.drain()
            await asyncio.sleep(CHANGES_INTERVAL)
    finally:
        projects.opened.discard(follow)
        for watcher in watchers:
            watcher.close()


class _Changes(ProjectObserver):
    """Tells of everything that happens in one project."""

    def __init__(self, project: LiveProject, tell: Callable[[LiveProject], None]) -> None:
        self._project = project
        self._tell = tell

    def close(self) -> None:
        self._project.leave(self)

    def diagnostics_changed(self, project: LiveProject, files: set[str]) -> None:
        self._tell(project)

    def run_created(self, project: LiveProject, run: LiveRun) -> None:
        self._tell(project)

    def environment_changed(self, project: LiveProject) -> None:
        self._tell(project)

    def configuration_changed(self, project: LiveProject) -> None:
        self._tell(project)

    def changed(self, run: LiveRun) -> None:
        self._tell(self._project)

    def found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        self._tell(self._project)

    def ended(self, run: LiveRun) -> None:
        self._tell(self._project)


async def _result(project: LiveProject, live: LiveRun) -> RunResult:
    return RunResult(
        run=live.record,
        diagnostics=await to_wire(
            project.results.findings.of_owner(live.record.task), project.results.built
        ),
        tests=await tests_to_wire(live.tests, project.results.built),
    )


def reporter(session: Session) -> OnProgress:
    """What tells a session how the preparing of an environment goes."""

    def report(message: str, percentage: int | None) -> None:
        session.notify("buildd/progress", Progress(message=message, percentage=percentage))

    return report


def _forward(session: Session, live: LiveRun) -> None:
    """Tell the session of the run, from where it is now to its end."""
    forward = _Forward(session)
    live.listeners.append(forward)
    forward.changed(live)


class _Forward(RunObserver):
    """Tells one session of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._started = False

    def changed(self, run: LiveRun) -> None:
        if run.record.state is RunState.RUNNING and not self._started:
            self._started = True
            self._session.notify("buildd/runStarted", run.record)

    def progress(self, run: LiveRun, message: str, percentage: int | None) -> None:
        progress = Progress(message=message, percentage=percentage, run=run.record.id)
        self._session.notify("buildd/progress", progress)


async def _stream(session: Session, live: LiveRun) -> None:
    """Send the run's output from its beginning, as fast as the client reads, to its end."""
    async for data in live.output():
        session.notify("buildd/output", Output(run=live.record.id, data=data))
        await session.drain()


def _is_wanted(live: LiveRun, params: LogsParams) -> bool:
    record = live.record
    if params.run:
        return record.id == params.run
    return bool(record.task) and (not params.task or record.task == params.task)


async def _send_stored(session: Session, project: LiveProject, params: LogsParams) -> str:
    """Send what is stored; the id of its run, empty where nothing is and more may come."""
    found = await project.results.stored_run(task=params.task, run=params.run)
    if found is None:
        if params.follow and not params.run:
            return ""
        what = params.run or params.task
        raise UnknownNameError(
            f"there is no output of `{what}`" if what else "nothing has run yet",
            "`buildd status` shows what has run.",
        )
    run = found.run.id
    path = project.results.store.log_path(run)
    if found.run.output_bytes and not await asyncio.to_thread(os.path.exists, path):
        raise UnknownNameError(
            f"the output of `{run}` is not kept any more",
            f"That of the newest {KEPT_OUTPUTS} runs of each task is.",
        )
    offset = 0
    while data := await asyncio.to_thread(read_at, path, offset):
        offset += len(data)
        session.notify("buildd/output", Output(run=run, data=data))
        await session.drain()
    return run
