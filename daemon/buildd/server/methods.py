"""The custom methods, as the daemon answers them; `protocol/` has their types."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from buildd.base.words import counted
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
from buildd.server.session import Session
from buildd.server.streaming_methods import events, execute, image, logs, reporter, run, watch


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
    await environment.up(reporter(session), rebuild=params.rebuild)
    return environment.status()


async def down(session: Session, params: EnvironmentParams) -> DownResult:
    """Stop containers of the project."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    chosen = (
        [project.environment(params.environment)]
        if params.environment
        else list(project.environments.values())
    )
    stopped = [live.specification.name for live in chosen if await live.down()]
    return DownResult(stopped=tuple(stopped))


async def terminal(session: Session, params: EnvironmentParams) -> TerminalResult:
    """How the client makes a terminal of the environment."""
    project = await session.server.projects.find(params.project)
    await project.configuration.usable()
    return await project.environment(params.environment).terminals(reporter(session))


async def resize(session: Session, params: ResizeParams) -> Nothing:
    """A relayed terminal has another size."""
    project = await session.server.projects.find(params.project)
    for live in project.runs.under_way():
        if live.record.id == params.run:
            await live.resize(params.rows, params.columns)
    return Nothing()


async def cancel(session: Session, params: CancelParams) -> CancelResult:
    """Cancel runs, and the making of environments."""
    project = await session.server.projects.find(params.project)
    ids = project.runs.cancel(task=params.task, run=params.run, kill=params.kill)
    making = () if params.task or params.run else project.cancel_making()
    return CancelResult(runs=tuple(ids), environments=tuple(making))


async def diagnostics(session: Session, params: DiagnosticsParams) -> DiagnosticsResult:
    """What shows now."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    findings = project.results.findings
    shown = findings.of_owner(params.task) if params.task else findings.all()
    return DiagnosticsResult(diagnostics=await to_wire(shown, project.results.built))


async def tests(session: Session, params: TestsParams) -> TestsResult:
    """How each test ended last, those of runs under way included; or those of one run."""
    project = await session.server.projects.find(params.project)
    await project.refresh()
    known = await _tests_of(project, params.run) if params.run else project.tests()
    told = [
        TaskTests(task=name, tests=await tests_to_wire(tests, project.results.built))
        for name, tests in known.items()
        if tests and params.task in ("", name)
    ]
    return TestsResult(tasks=tuple(told))


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


async def history(session: Session, params: HistoryParams) -> HistoryResult:
    """How earlier runs went."""
    project = await session.server.projects.find(params.project)
    if params.task:
        await project.refresh()

    await project.results.stored()

    def entries() -> tuple[HistoryEntry, ...]:
        stored = itertools.islice(project.results.store.history(params.task), params.limit)
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
    if params.once:
        await asyncio.to_thread(consent.require, configuration, params.digest, params.grants)
        project.configuration.lend(session, params.digest)
        session.at_end.append(lambda: project.configuration.take_back(session))
    else:
        await asyncio.to_thread(consent.grant, configuration, params.digest, params.grants)
    await project.refresh()
    return await _summary(project)


async def revoke(session: Session, params: ProjectParams) -> RevokeResult:
    """Take consent back."""
    project = await session.server.projects.find(params.project)
    revoked = await asyncio.to_thread(consent.revoke, project.path)
    await project.refresh()
    return RevokeResult(revoked=revoked)


async def doctor(session: Session, params: StatusParams) -> DoctorResult:
    """Look whether everything is as it should be."""
    project = None
    if params.project:
        project = await session.server.projects.find(params.project)
        await project.refresh()
    return DoctorResult(checks=tuple(await checks(project)))


async def debug(session: Session, params: Nothing) -> DebugResult:
    """How the daemon is inside."""
    return DebugResult(report=report(session.server))


async def stop(session: Session, params: StopParams) -> Nothing:
    """End the daemon, once this is answered."""
    running = session.server.projects.run_count()
    if running and not params.force:
        raise BusyError(
            f"{counted(running, 'run')} {'is' if running == 1 else 'are'} under way",
            "Wait, or end them with `buildd cancel`, or use --force.",
        )
    session.server.stop_soon()
    return Nothing()


HANDLERS: dict[str, Callable[[Session, Any], Awaitable[msgspec.Struct]]] = {
    "buildd/hello": hello,
    "buildd/status": status,
    "buildd/up": up,
    "buildd/down": down,
    "buildd/belongings": cleaning.show,
    "buildd/clean": cleaning.clean,
    "buildd/run": run,
    "buildd/image": image,
    "buildd/watch": watch,
    "buildd/events": events,
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
    "buildd/debug": debug,
    "buildd/stop": stop,
}


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
