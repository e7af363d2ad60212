"""The custom methods, as the daemon answers them; `protocol.py` has their types."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from buildd.config import trust
from buildd.diagnose import checks
from buildd.engines import Report
from buildd.errors import BusyError, UnknownNameError
from buildd.model import RunState, Severity, Trigger
from buildd.places import tests_to_wire, to_wire
from buildd.project import LiveProject
from buildd.protocol import (
    CancelParams,
    CancelResult,
    DiagnosticsParams,
    DiagnosticsResult,
    DoctorResult,
    DownResult,
    EnvironmentParams,
    EnvironmentStatus,
    ExecParams,
    GrantParams,
    Hello,
    HelloResult,
    HistoryEntry,
    HistoryParams,
    HistoryResult,
    LogsParams,
    Nothing,
    Output,
    Progress,
    ProjectParams,
    Ready,
    ResizeParams,
    RevokeResult,
    RunParams,
    RunResult,
    StatusParams,
    StatusResult,
    StopParams,
    TaskTests,
    TerminalResult,
    TestsParams,
    TestsResult,
    TrustSummary,
    UpParams,
    WatchParams,
)
from buildd.run import Listener, LiveRun
from buildd.session import Session
from buildd.store import KEPT_OUTPUTS, Stored, read_at


async def hello(session: Session, params: Hello) -> HelloResult:
    """Who we are, and how busy."""
    return session.server.hello(session, params)


async def status(session: Session, params: StatusParams) -> StatusResult:
    """The daemon and its projects, without asking any engine."""
    if params.project:
        project = await session.server.projects.find(params.project)
        await project.refresh()
        return session.server.status([project])
    return session.server.status()


async def up(session: Session, params: UpParams) -> EnvironmentStatus:
    """Have the environment warm."""
    project = await session.server.projects.find(params.project)
    await project.configuration.usable()
    environment = project.environment(params.environment)
    await environment.acquire(_reporter(session), rebuild=params.rebuild)
    return environment.status()


async def down(session: Session, params: EnvironmentParams) -> DownResult:
    """Remove containers of the project."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    chosen = (
        [project.environment(params.environment)]
        if params.environment
        else list(project.environments.values())
    )
    removed = [live.specification.name for live in chosen if await live.down()]
    return DownResult(removed=tuple(removed))


async def run(session: Session, params: RunParams) -> RunResult:
    """Run a task, and stream it."""
    project = await session.server.projects.find(params.project)
    holder = object()
    if params.tests:
        live = await project.run_tests(params.task, params.tests, holder)
    else:
        live = await project.run_task(params.task, Trigger.REQUEST, holder)
    live.listeners.append(_Forward(session))
    try:
        await _stream(session, live)
    except (asyncio.CancelledError, ConnectionError):
        live.release(holder)
        await live.wait()
    if live.error and live.record.state is RunState.FAILED:
        raise live.error
    return await _result(project, live)


async def watch(session: Session, params: WatchParams) -> Nothing:
    """Run tasks whenever files change, until the request is cancelled."""
    project = await session.server.projects.find(params.project)
    with project.created_runs() as created:
        async with project.watching(params.tasks) as names:
            while True:
                live = await created.get()
                if live.record.task in names:
                    forward = _Forward(session)
                    live.listeners.append(forward)
                    await _stream(session, live)
                    session.notify("buildd/runEnded", await _result(project, live))


async def execute(session: Session, params: ExecParams) -> RunResult:
    """Run a command whose pipes the client opens itself."""
    project = await session.server.projects.find(params.project)
    holder = object()

    def ready(pipes: Ready) -> None:
        session.notify("buildd/ready", pipes)

    live = await project.execute(params, holder, ready)
    live.listeners.append(_Forward(session))
    try:
        await live.wait()
    except asyncio.CancelledError:
        live.release(holder)
        await live.wait()
    if live.error:
        raise live.error
    return RunResult(run=live.record)


async def terminal(session: Session, params: EnvironmentParams) -> TerminalResult:
    """How the client makes a terminal of the environment."""
    project = await session.server.projects.find(params.project)
    await project.configuration.usable()
    return await project.environment(params.environment).terminals(_reporter(session))


async def resize(session: Session, params: ResizeParams) -> Nothing:
    """A relayed terminal has another size."""
    project = await session.server.projects.find(params.project)
    for live in project.runs():
        if live.record.id == params.run:
            await live.resize(params.rows, params.columns)
    return Nothing()


async def cancel(session: Session, params: CancelParams) -> CancelResult:
    """Cancel runs."""
    project = await session.server.projects.find(params.project)
    ids = project.cancel(task=params.task, run=params.run, kill=params.kill)
    return CancelResult(runs=tuple(ids))


async def diagnostics(session: Session, params: DiagnosticsParams) -> DiagnosticsResult:
    """What shows now."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    findings = project.findings
    shown = findings.of_owner(params.task) if params.task else findings.all()
    return DiagnosticsResult(diagnostics=await to_wire(shown, project.built))


async def tests(session: Session, params: TestsParams) -> TestsResult:
    """How each test ended last."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    known = [
        TaskTests(task=task, tests=await tests_to_wire(found, project.built))
        for task, found in project.tests.items()
        if found and params.task in ("", task)
    ]
    return TestsResult(tasks=tuple(known))


async def logs(session: Session, params: LogsParams) -> Nothing:
    """A run's output, and with `follow` what comes."""
    project = await session.server.projects.find(params.project)
    live = next((one for one in reversed(project.runs()) if _is_wanted(one, params)), None)
    if live and params.follow:
        await _stream(session, live)
    else:
        await _send_stored(session, project, params)
    if params.follow and not params.run:
        await _follow_later_runs(session, project, params)
    return Nothing()


async def history(session: Session, params: HistoryParams) -> HistoryResult:
    """How earlier runs went."""
    project = await session.server.projects.find(params.project)
    if params.task:
        await project.refresh()

    await project.stored()

    def entries() -> tuple[HistoryEntry, ...]:
        stored = itertools.islice(project.store.history(params.task), params.limit)
        return tuple(_entry(one) for one in stored)

    return HistoryResult(runs=await asyncio.to_thread(entries))


def _entry(stored: Stored) -> HistoryEntry:
    kinds = Counter(one.severity for one in stored.diagnostics)
    return HistoryEntry(
        run=stored.run, errors=kinds[Severity.ERROR], warnings=kinds[Severity.WARNING]
    )


async def trust_summary(session: Session, params: ProjectParams) -> TrustSummary:
    """What the project would run."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    return await _summary(project)


async def grant(session: Session, params: GrantParams) -> TrustSummary:
    """Record consent."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    configuration = project.configuration.valid()
    await asyncio.to_thread(trust.grant, configuration, params.digest)
    await project.refresh()
    return await _summary(project)


async def revoke(session: Session, params: ProjectParams) -> RevokeResult:
    """Take consent back."""
    project = await session.server.projects.find(params.project)
    revoked = await asyncio.to_thread(trust.revoke, project.path)
    await project.refresh()
    return RevokeResult(revoked=revoked)


async def doctor(session: Session, params: StatusParams) -> DoctorResult:
    """Look whether everything is as it should be."""
    project = None
    if params.project:
        project = await session.server.projects.find(params.project)
        await project.refresh()
    return DoctorResult(checks=tuple(await checks(project)))


async def stop(session: Session, params: StopParams) -> Nothing:
    """End the daemon, once this is answered."""
    running = session.server.projects.run_count()
    if running and not params.force:
        raise BusyError(
            f"{running} {'run is' if running == 1 else 'runs are'} under way",
            "Wait, or end them with `buildd cancel`, or use --force.",
        )
    session.server.stop_soon()
    return Nothing()


HANDLERS: dict[str, Callable[[Session, Any], Awaitable[msgspec.Struct]]] = {
    "buildd/hello": hello,
    "buildd/status": status,
    "buildd/up": up,
    "buildd/down": down,
    "buildd/run": run,
    "buildd/watch": watch,
    "buildd/exec": execute,
    "buildd/terminal": terminal,
    "buildd/resize": resize,
    "buildd/cancel": cancel,
    "buildd/diagnostics": diagnostics,
    "buildd/tests": tests,
    "buildd/logs": logs,
    "buildd/history": history,
    "buildd/trust": trust_summary,
    "buildd/grant": grant,
    "buildd/revoke": revoke,
    "buildd/doctor": doctor,
    "buildd/stop": stop,
}


async def _result(project: LiveProject, live: LiveRun) -> RunResult:
    return RunResult(
        run=live.record,
        diagnostics=await to_wire(project.findings.of_owner(live.record.task), project.built),
        tests=await tests_to_wire(live.tests, project.built),
    )


def _reporter(session: Session) -> Report:
    def report(message: str, percentage: int | None) -> None:
        session.notify("buildd/progress", Progress(message=message, percentage=percentage))

    return report


class _Forward(Listener):
    """Tells one session of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._started = False

    def changed(self, run: LiveRun) -> None:
        if run.record.state is RunState.RUNNING and not self._started:
            self._started = True
            self._session.notify("buildd/runStarted", run.record)

    def progress(self, run: LiveRun, message: str, percentage: int | None) -> None:
        self._session.notify("buildd/progress", Progress(message=message, percentage=percentage))


async def _stream(session: Session, live: LiveRun) -> None:
    """Send the run's output from its beginning, as fast as the client reads, to its end."""
    async for data in live.log.follow():
        session.notify("buildd/output", Output(run=live.record.id, data=data))
        await session.drain()
    await live.wait()


def _is_wanted(live: LiveRun, params: LogsParams) -> bool:
    record = live.record
    if params.run:
        return record.id == params.run
    return bool(record.task) and (not params.task or record.task == params.task)


async def _send_stored(session: Session, project: LiveProject, params: LogsParams) -> None:
    await project.stored()
    found = await asyncio.to_thread(
        lambda: next(project.store.history(params.task, params.run), None)
    )
    if found is None:
        if params.follow and not params.run:
            return
        what = params.run or params.task
        raise UnknownNameError(
            f"there is no output of `{what}`" if what else "nothing has run yet",
            "`buildd status` shows what has run.",
        )
    run = found.run.id
    path = project.store.log_path(run)
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


async def _follow_later_runs(session: Session, project: LiveProject, params: LogsParams) -> None:
    with project.created_runs() as created:
        while True:
            live = await created.get()
            if _is_wanted(live, params):
                await _stream(session, live)


async def _summary(project: LiveProject) -> TrustSummary:
    configuration = project.configuration.valid()
    return TrustSummary(
        project=project.path,
        digest=await asyncio.to_thread(trust.digest, configuration),
        trusted=project.configuration.trusted,
        lines=trust.summary(configuration),
        files=configuration.files,
    )
