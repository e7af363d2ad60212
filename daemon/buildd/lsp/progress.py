"""Work-done progress with a cancel button: of runs, what is being prepared and that they run; of
environments, how they are renewed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from buildd.base.words import counted
from buildd.environments.environment import LiveEnvironment
from buildd.model import RunState
from buildd.runs.run import LiveRun, RunObserver, new_id

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)


async def show_progress(client: LspClient, run: LiveRun) -> None:
    """Show the run in the editor until it has ended, from where it is now."""
    news = _News()
    run.listeners.append(news)
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
            await news.arrived.wait()
            news.arrived.clear()
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
    """Show the making of an environment's new container, until it has ended, to a client that can
    show such."""
    window = client.server.client_capabilities.window
    token = f"buildd-{new_id()}"
    if not (window and window.work_done_progress and await _create(client, token)):
        return
    news = asyncio.Event()
    client.renewals[token] = live, news
    progress = client.server.work_done_progress
    try:
        progress.begin(token, types.WorkDoneProgressBegin(title=title, cancellable=True))
        while live.renewal.under_way:
            message = live.status().detail
            progress.report(token, types.WorkDoneProgressReport(message=message, cancellable=True))
            await news.wait()
            news.clear()
    finally:
        client.renewals.pop(token, None)
        progress.end(token, types.WorkDoneProgressEnd())
        progress.tokens.pop(token, None)


async def _create(client: LspClient, token: str) -> bool:
    """Ask the client for room to show it; some refuse."""
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


class _News(RunObserver):
    """That one run is another, for whoever waits; at the beginning it always is."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.arrived.set()

    def changed(self, run: LiveRun) -> None:
        self.arrived.set()

    def progress(self, run: LiveRun, message: str, percentage: int | None) -> None:
        self.arrived.set()

    def advanced(self, run: LiveRun, percentage: int) -> None:
        self.arrived.set()

    def ended(self, run: LiveRun) -> None:
        self.arrived.set()
