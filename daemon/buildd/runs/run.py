"""A run as others look at it: its record, what it has found, who wants it and who observes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from buildd.base.failpoint import RUN_ENDED, hit_failpoint
from buildd.base.logs import COUNTS
from buildd.errors import BuilddError
from buildd.model import Diagnostic, RunState, TestResult, Trigger
from buildd.output.run_log import RunLog
from buildd.runs.execution import Execution
from buildd.runs.observer import Observers
from buildd.runs.plan import RunPlan, new_run_id

_RANKS = (Trigger.WATCH, Trigger.SAVE, Trigger.REQUEST)
"""From the weakest reason for a run to the strongest."""


class LiveRun:
    """A run from its creation to its end. `Execution` does its work, and reports to it."""

    def __init__(self, plan: RunPlan, log: RunLog, run_id: str = "") -> None:
        self.record = plan.record(run_id or new_run_id())
        self.log = log
        self.observers = Observers()
        self.holders: set[object] = set()
        """Who wants the run. When the last of them releases it, it is cancelled."""
        self.diagnostics: list[Diagnostic] = []
        """What it found, once it has ended."""
        self.tests: list[TestResult] = []
        """What its output has said about tests so far."""
        self.names_units = False
        """Whether its command is known to name what it compiles."""
        self.error: BuilddError | None = None
        """Why it never started, or was lost."""
        self.preparing = ""
        """What is being done so that its command can begin; empty if nothing was needed."""
        self.percentage: int | None = None
        """How far the preparing is, or the command once it runs; None if that is not known."""
        self.is_cancelled = False
        self._reason = ""
        self._execution = Execution(self, plan)
        self._done = asyncio.Event()

    # --- for those who look at it

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._done.is_set()

    async def wait(self) -> None:
        """Return once it has ended."""
        await self._done.wait()

    async def output(self) -> AsyncIterator[bytes]:
        """Yield its output from the beginning, in pieces, until it has ended."""
        async for data in self.log.follow():
            yield data
        await self.wait()

    # --- for those who want it

    def start(self) -> None:
        """Begin to execute it, unless it has begun or ended. It is sure to end."""
        if not self.has_ended:
            self._execution.start()

    def cancel(self, *, kill: bool = False, reason: str = "") -> None:
        """End it as soon as its processes can be ended; returns at once.

        With `kill`, they get no time to end by themselves. The record keeps the first `reason`.
        """
        if self.has_ended or (self.is_cancelled and not kill):
            return
        self.is_cancelled = True
        self._reason = self._reason or reason
        if not self._execution.cancel(kill=kill):
            self.end(RunState.CANCELLED)

    async def resize(self, rows: int, columns: int) -> None:
        """Give its terminal, which the engine made, another size."""
        await self._execution.resize(rows, columns)

    def hold(self, holder: object, trigger: Trigger) -> None:
        """Keep it for `holder`. A request outweighs a save as its trigger, a save the watching."""
        if not self.holders or _RANKS.index(trigger) > _RANKS.index(self.record.trigger):
            self.record = msgspec.structs.replace(self.record, trigger=trigger)
        self.holders.add(holder)

    def release(self, holder: object) -> None:
        """Keep it no longer for `holder`; cancel it if no holder is left."""
        if holder in self.holders:
            self.holders.discard(holder)
            if not self.holders:
                self.cancel()

    # --- for its execution

    def change(self, **fields: Any) -> None:
        """Change fields of its record, and tell the observers."""
        self.record = msgspec.structs.replace(self.record, **fields)
        self.observers.run_changed(self)

    def report(self, message: str, percentage: int | None) -> None:
        """Say what is being prepared for it."""
        self.preparing, self.percentage = message, percentage
        self.observers.run_preparing(self)

    def advance(self, percentage: int) -> None:
        """Say how far its command is."""
        self.percentage = percentage
        self.observers.run_advanced(self)

    def show(self, diagnostics: list[Diagnostic], tests: list[TestResult]) -> None:
        """Show what its output has said so far."""
        self.tests = tests
        self.observers.run_found(self, diagnostics)

    def add_remarks(self, remarks: Sequence[str], diagnostics: Sequence[Diagnostic]) -> None:
        """Add which limits of its environment the failed command met."""
        self.record = msgspec.structs.replace(self.record, remarks=tuple(remarks))
        self.diagnostics += diagnostics

    def fail(self, error: BuilddError, state: RunState, **fields: Any) -> None:
        """End it because of an error."""
        self.error = error
        self.end(state, error=str(error), **fields)

    def end(self, state: RunState, **fields: Any) -> None:
        """End it in this state, with these fields of its record, and tell the observers."""
        self.log.close()
        self.change(
            **{
                "state": state,
                "ended": time.time(),
                "output_bytes": self.log.size,
                "error": self._reason,
                **fields,
            }
        )
        hit_failpoint(RUN_ENDED)
        self._done.set()
        COUNTS[f"runs {state}"] += 1
        self.observers.run_ended(self)
