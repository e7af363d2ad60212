"""Shows work-done progress with a cancel button, of runs and of the renewal of environments."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from buildd.base.words import counted
from buildd.environments.environment import LiveEnvironment
from buildd.model import RunState
from buildd.runs.observer import Observer
from buildd.runs.plan import new_run_id
from buildd.runs.run import LiveRun

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)


async def show_progress(client: LspClient, run: LiveRun) -> None:
    """Show the run in the editor, from now until it has ended."""
    changes = _RunChanges()
    run.observers.add(changes)
    token = f"buildd-{run.record.id}"
    window = client.server.client_capabilities.window
    shown = bool(window and window.work_done_progress)
    client.runs[token] = run
    progress = client.server.work_done_progress
    try:
        if shown:
            shown = await _create(client, token)
        if shown:
            progress.begin(
                token,
                types.WorkDoneProgressBegin(title=f"buildd: {run.record.task}", cancellable=True),
            )
        announced = False
        while not run.has_ended:
            await changes.occurred.wait()
            changes.occurred.clear()
            if shown and not run.has_ended:
                progress.report(token, _report(run))
            if run.preparing and not announced:
                announced = True
                if not shown:
                    client.show(run.preparing, types.MessageType.Info)
    finally:
        client.runs.pop(token, None)
        if shown:
            progress.end(token, types.WorkDoneProgressEnd(message=_summary(run)))
            progress.tokens.pop(token, None)


async def show_renewal(client: LspClient, live: LiveEnvironment, title: str) -> None:
    """Show the renewal of an environment until it has ended, if the client can show progress."""
    window = client.server.client_capabilities.window
    token = f"buildd-{new_run_id()}"
    if not (window and window.work_done_progress and await _create(client, token)):
        return
    has_changed = asyncio.Event()
    client.renewals[token] = live, has_changed
    progress = client.server.work_done_progress
    try:
        progress.begin(token, types.WorkDoneProgressBegin(title=title, cancellable=True))
        while live.renewal.is_under_way:
            message = live.status().detail
            progress.report(token, types.WorkDoneProgressReport(message=message, cancellable=True))
            await has_changed.wait()
            has_changed.clear()
    finally:
        client.renewals.pop(token, None)
        progress.end(token, types.WorkDoneProgressEnd())
        progress.tokens.pop(token, None)


async def _create(client: LspClient, token: str) -> bool:
    """Ask the client to show progress; some refuse."""
    try:
        await asyncio.wait_for(client.server.work_done_progress.create_async(token), 5)
    except (JsonRpcException, TimeoutError) as error:
        log.info("no progress for %s: %s", token, error)
        return False
    return True


def _report(run: LiveRun) -> types.WorkDoneProgressReport:
    state = run.record.state
    message = str(state) if state is RunState.RUNNING else run.preparing or str(state)
    return types.WorkDoneProgressReport(
        message=message, percentage=run.percentage, cancellable=True
    )


def _summary(run: LiveRun) -> str:
    record = run.record
    if record.state is not RunState.FINISHED:
        return str(record.state)
    count = len(run.diagnostics)
    found = counted(count, "diagnostic") if count else "no diagnostics"
    ended = "succeeded" if record.exit_status == 0 else f"failed ({record.exit_status})"
    return f"{ended} in {record.ended - record.started:.1f} s, {found}"


class _RunChanges(Observer):
    """Sets `occurred` when a run has changed, and at the beginning."""

    def __init__(self) -> None:
        self.occurred = asyncio.Event()
        self.occurred.set()

    def run_changed(self, run: LiveRun) -> None:
        self.occurred.set()

    def run_preparing(self, run: LiveRun) -> None:
        self.occurred.set()

    def run_advanced(self, run: LiveRun) -> None:
        self.occurred.set()

    def run_ended(self, run: LiveRun) -> None:
        self.occurred.set()
