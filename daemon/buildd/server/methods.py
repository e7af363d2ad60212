"""The custom methods, as the daemon answers them; `protocol/` has their types."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from buildd.config import user_config
from buildd.config.daemon_settings import remarks
from buildd.config.trust import consent
from buildd.diagnostics.positions import tests_to_wire, to_wire
from buildd.errors import BusyError, UnknownNameError
from buildd.model import Severity, TestResult
from buildd.projects.doctor import checks
from buildd.projects.project import LiveProject
from buildd.protocol import (
    CancelParams,
    CancelResult,
    DebugResult,
    DiagnosticsParams,
    DiagnosticsResult,
    DoctorResult,
    DownResult,
    EnvironmentParams,
    EnvironmentStatus,
    GrantParams,
    Hello,
    HelloResult,
    HistoryEntry,
    HistoryParams,
    HistoryResult,
    Nothing,
    ProjectParams,
    ResizeParams,
    RevokeResult,
    StatusParams,
    StatusResult,
    StopParams,
    TaskTests,
    TerminalResult,
    TestsParams,
    TestsResult,
    TrustSummary,
    UpParams,
)
from buildd.runs.store import Stored
from buildd.server import cleaning
from buildd.server.debug import report
from buildd.server.events import events
from buildd.server.forwarding import reporter
from buildd.server.session import Session
from buildd.server.streaming_methods import execute, image, logs, run, watch

# --- of the daemon


async def hello(session: Session, params: Hello) -> HelloResult:
    """Tell who the daemon is, and how busy."""
    return session.server.hello(session, params)


async def status(session: Session, params: StatusParams) -> StatusResult:
    """Tell how the daemon and its projects are, without asking an engine."""
    server = session.server
    configuration, errors = await asyncio.to_thread(user_config.check)
    written = None if errors else configuration.daemon
    lines = (*map(str, errors), *map(str, remarks(server.settings, session.variables, written)))
    if params.project:
        project = await session.projects.find(params.project)
        await project.configuration.refresh()
        return server.status([project], lines)
    return server.status(remarks=lines)


async def doctor(session: Session, params: StatusParams) -> DoctorResult:
    """Check whether everything is as it should be."""
    project = None
    if params.project:
        project = await session.projects.find(params.project)
        await project.configuration.refresh()
    found = await checks(project, session.server.settings, session.variables)
    return DoctorResult(checks=tuple(found))


async def debug(session: Session, params: Nothing) -> DebugResult:
    """Report what the daemon does inside."""
    return DebugResult(report=report(session.server))


async def stop(session: Session, params: StopParams) -> Nothing:
    """End the daemon, once this is answered."""
    running = session.projects.run_count()
    if running and not params.force:
        raise BusyError(
            f"{running} {'run is' if running == 1 else 'runs are'} under way",
            "Wait, or end them with `buildd cancel`, or use --force.",
        )
    session.server.stop_soon()
    return Nothing()


# --- of a project


async def up(session: Session, project: LiveProject, params: UpParams) -> EnvironmentStatus:
    """Have the environment warm."""
    await project.configuration.usable()
    environment = project.environments.named(params.environment)
    await environment.up(reporter(session), rebuild=params.rebuild)
    return environment.status()


async def down(session: Session, project: LiveProject, params: EnvironmentParams) -> DownResult:
    """Stop containers of the project."""
    await project.configuration.refresh()
    environments = project.environments
    chosen = [environments.named(params.environment)] if params.environment else environments.all()
    stopped = [environment.specification.name for environment in chosen if await environment.down()]
    return DownResult(stopped=tuple(stopped))


async def terminal(
    session: Session, project: LiveProject, params: EnvironmentParams
) -> TerminalResult:
    """Tell how the client makes a terminal in the environment."""
    await project.configuration.usable()
    return await project.environments.named(params.environment).terminals(reporter(session))


async def resize(session: Session, project: LiveProject, params: ResizeParams) -> Nothing:
    """Give a run's terminal, which the engine made, another size."""
    for live in project.runs.under_way():
        if live.record.id == params.run:
            await live.resize(params.rows, params.columns)
    return Nothing()


async def cancel(session: Session, project: LiveProject, params: CancelParams) -> CancelResult:
    """Cancel runs, and the making of environments."""
    ids = project.runs.cancel(task=params.task, run=params.run, kill=params.kill)
    environments = () if params.task or params.run else project.environments.cancel()
    return CancelResult(runs=tuple(ids), environments=tuple(environments))


async def diagnostics(
    session: Session, project: LiveProject, params: DiagnosticsParams
) -> DiagnosticsResult:
    """Tell which diagnostics show now."""
    await project.configuration.refresh()
    findings = project.results.findings
    shown = findings.of_owner(params.task) if params.task else findings.all()
    return DiagnosticsResult(diagnostics=await to_wire(shown, project.results.snapshots))


async def tests(session: Session, project: LiveProject, params: TestsParams) -> TestsResult:
    """Tell how each test ended last, also in runs that have not ended; or the tests of one run."""
    await project.configuration.refresh()
    known = await _tests_of(project, params.run) if params.run else project.runs.tests()
    shown = [
        TaskTests(task=name, tests=await tests_to_wire(results, project.results.snapshots))
        for name, results in known.items()
        if results and params.task in ("", name)
    ]
    return TestsResult(tasks=tuple(shown))


async def _tests_of(project: LiveProject, run: str) -> Mapping[str, Sequence[TestResult]]:
    for live in project.runs.under_way():
        if live.record.id == run:
            return {live.record.task: live.tests}
    stored = await project.results.stored_run(run=run)
    if stored is None:
        raise UnknownNameError(
            f"there is no run `{run}`", "`buildd history` shows those that are kept."
        )
    return {stored.run.task: stored.tests}


async def history(session: Session, project: LiveProject, params: HistoryParams) -> HistoryResult:
    """Tell how earlier runs went."""
    if params.task:
        await project.configuration.refresh()
    await project.results.stored()

    def entries() -> tuple[HistoryEntry, ...]:
        stored = itertools.islice(project.results.store.history(params.task), params.limit)
        return tuple(map(_entry, stored))

    return HistoryResult(runs=await asyncio.to_thread(entries))


def _entry(stored: Stored) -> HistoryEntry:
    kinds = Counter(diagnostic.severity for diagnostic in stored.diagnostics)
    return HistoryEntry(
        run=stored.run, errors=kinds[Severity.ERROR], warnings=kinds[Severity.WARNING]
    )


async def trust_summary(
    session: Session, project: LiveProject, params: ProjectParams
) -> TrustSummary:
    """Tell what the project would run."""
    await project.configuration.refresh()
    return await _summary(project)


async def grant(session: Session, project: LiveProject, params: GrantParams) -> TrustSummary:
    """Record consent."""
    await project.configuration.refresh()
    configuration = project.configuration.valid()
    if params.once:
        await asyncio.to_thread(consent.require, configuration, params.digest, params.grants)
        project.configuration.trust_temporarily(session, params.digest)
        session.on_leave.append(lambda: project.configuration.end_temporary_trust(session))
    else:
        await asyncio.to_thread(consent.grant, configuration, params.digest, params.grants)
    await project.configuration.refresh()
    return await _summary(project)


async def revoke(session: Session, project: LiveProject, params: ProjectParams) -> RevokeResult:
    """Take consent back."""
    revoked = await asyncio.to_thread(consent.revoke, project.path)
    await project.configuration.refresh()
    return RevokeResult(revoked=revoked)


async def _summary(project: LiveProject) -> TrustSummary:
    configuration = project.configuration.valid()
    return TrustSummary(
        project=project.path,
        digest=await asyncio.to_thread(consent.digest, configuration),
        trusted=project.configuration.trusted,
        lines=consent.summary(configuration),
        files=configuration.files,
        grants=consent.grants(configuration),
        changes=await asyncio.to_thread(consent.changes, configuration),
    )


# --- the tables

Handler = Callable[[Session, Any], Awaitable[msgspec.Struct]]
"""Answers a method, given its parameters."""

ProjectHandler = Callable[[Session, LiveProject, Any], Awaitable[msgspec.Struct]]
"""Answers a method of a project, given the project that its parameters name."""

DAEMON_HANDLERS: dict[str, Handler] = {
    "buildd/hello": hello,
    "buildd/status": status,
    "buildd/belongings": cleaning.show,
    "buildd/clean": cleaning.clean,
    "buildd/events": events,
    "buildd/doctor": doctor,
    "buildd/debug": debug,
    "buildd/stop": stop,
}

PROJECT_HANDLERS: dict[str, ProjectHandler] = {
    "buildd/up": up,
    "buildd/down": down,
    "buildd/run": run,
    "buildd/image": image,
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
}


def _with_project(handler: ProjectHandler) -> Handler:
    async def answer(session: Session, params: Any) -> msgspec.Struct:
        return await handler(session, await session.projects.find(params.project), params)

    return answer


HANDLERS: dict[str, Handler] = {
    **DAEMON_HANDLERS,
    **{name: _with_project(handler) for name, handler in PROJECT_HANDLERS.items()},
}
