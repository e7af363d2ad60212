"""The custom methods that last, and send as they go: runs, images, watching, logs."""

from __future__ import annotations

import asyncio
import os

from buildd.diagnostics.positions import tests_to_wire, to_wire
from buildd.errors import BuilddError, UnknownNameError
from buildd.model import Run, RunState, Trigger
from buildd.output.run_log import read_at
from buildd.projects.project import LiveProject
from buildd.projects.run_images import build
from buildd.protocol import (
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
from buildd.runs.run import LiveRun
from buildd.runs.store import KEPT_OUTPUTS
from buildd.server.forwarding import created_runs, forward, reporter, stream
from buildd.server.session import Session


async def run(session: Session, project: LiveProject, params: RunParams) -> RunResult:
    """Run a task, and stream its output."""
    holder = object()
    if params.tests:
        live = await project.runs.run_tests(params.task, params.tests, holder)
    else:
        live = await project.runs.run_task(params.task, Trigger.REQUEST, holder)
    forward(session, live)
    try:
        if params.output:
            await stream(session, live)
        else:
            await live.wait()
    except (asyncio.CancelledError, ConnectionError):
        live.release(holder)
        await live.wait()
    # Stored before it is answered: an answered result is never lost.
    await project.results.stored()
    if live.error and live.record.state is RunState.FAILED:
        raise live.error
    return await _result(project, live)


async def image(session: Session, project: LiveProject, params: ImageParams) -> ImageResult:
    """Build a run image, after the tasks that it needs."""

    async def run_task(name: str) -> Run:
        task = RunParams(project=params.project, task=name, output=params.output)
        result = await run(session, project, task)
        session.notify("buildd/runEnded", result)
        return result.run

    return await build(project, params.image, run_task, reporter(session))


async def watch(session: Session, project: LiveProject, params: WatchParams) -> Nothing:
    """Run tasks whenever files change, until the request is cancelled."""

    def on_error(error: BuilddError) -> None:
        session.notify("buildd/progress", Progress(message=str(error)))

    with created_runs(project, on_error) as created:
        # A run that waits already may be the one that the watching begins with.
        for live in project.runs.under_way():
            created.put_nowait(live)
        async with project.automatic_runs.watching(params.tasks) as names:
            while True:
                live = await created.get()
                if live.record.task in names:
                    forward(session, live)
                    await stream(session, live)
                    session.notify("buildd/runEnded", await _result(project, live))


async def execute(session: Session, project: LiveProject, params: ExecParams) -> RunResult:
    """Run a command whose pipes the client opens itself."""
    holder = object()

    def ready(pipes: Ready) -> None:
        session.notify("buildd/ready", pipes)

    live = await project.runs.execute(params, holder, ready)
    forward(session, live)
    try:
        await live.wait()
    except asyncio.CancelledError:
        live.release(holder)
        await live.wait()
    if live.error:
        raise live.error
    return RunResult(run=live.record)


async def logs(session: Session, project: LiveProject, params: LogsParams) -> Nothing:
    """Send the output of a run, and with `follow` that of the runs that come."""
    # From here on no run is missed: others may start while stored output is looked for.
    with created_runs(project) as created:
        live = next(
            (live for live in reversed(project.runs.under_way()) if _is_wanted(live, params)), None
        )
        sent = ""
        if live and params.follow:
            await stream(session, live)
        else:
            sent = await _send_stored(session, project, params)
        while params.follow and not params.run:
            later = await created.get()
            if _is_wanted(later, params) and later.record.id != sent:
                await stream(session, later)
    return Nothing()


async def _result(project: LiveProject, live: LiveRun) -> RunResult:
    results = project.results
    return RunResult(
        run=live.record,
        diagnostics=await to_wire(results.findings.of_owner(live.record.task), results.snapshots),
        tests=await tests_to_wire(live.tests, results.snapshots),
    )


def _is_wanted(live: LiveRun, params: LogsParams) -> bool:
    record = live.record
    if params.run:
        return record.id == params.run
    return bool(record.task) and (not params.task or record.task == params.task)


async def _send_stored(session: Session, project: LiveProject, params: LogsParams) -> str:
    """Send the output that is stored, and return the id of its run.

    If none is stored but runs that come are wanted too, return an empty id. Raises
    UnknownNameError.
    """
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
