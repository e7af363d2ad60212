"""Runs: where each is, and what is known of it."""

from __future__ import annotations

import enum

from buildd.model.base import Command, Frozen


class RunState(enum.StrEnum):
    """Where a run is. The last five are ends."""

    QUEUED = "queued"
    PREPARING = "preparing"
    """Its environment is being built or started."""
    RUNNING = "running"
    FINISHED = "finished"
    """The command ran and ended; `exit_status` is its own."""
    CANCELLED = "cancelled"
    LOST = "lost"
    """The environment or the daemon went away under it."""
    FAILED = "failed"
    """It never started: no engine, an image that does not build; `error` says why."""

    @property
    def ended(self) -> bool:
        return self not in (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING)


class Trigger(enum.StrEnum):
    """What asked for a run."""

    SAVE = "save"
    WATCH = "watch"
    REQUEST = "request"


class Run(Frozen, frozen=True):
    """What is known of one run. Times are seconds since the epoch, 0 where not yet reached.

    `exit_status` is the command's own, 128+n where signal n ended it, None until it ended.
    `only` are the tests that alone were asked for, empty for all; each as in `TestResult.path`.
    `user_time` and `system_time` are seconds of processor time that it and its children took, 0
    where that is not known. `output_bytes` is what of its output is stored. `remarks` say which of
    its environment's limits a command met that failed.
    """

    id: str
    project: str
    task: str
    """Empty for an ad-hoc command (`buildd exec`)."""
    environment: str
    command: Command
    trigger: Trigger
    state: RunState = RunState.QUEUED
    created: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    exit_status: int | None = None
    user_time: float = 0.0
    system_time: float = 0.0
    error: str = ""
    output_bytes: int = 0
    only: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()
