"""This module defines runs: their states, what triggers them, and their records."""

from __future__ import annotations

import enum

from buildd.model.base import Command, Frozen


class RunState(enum.StrEnum):
    """The state of a run; the last four are final."""

    QUEUED = "queued"
    PREPARING = "preparing"
    """The run's environment is being built or started."""
    RUNNING = "running"
    FINISHED = "finished"
    """The command ran and ended; `exit_status` is the command's."""
    CANCELLED = "cancelled"
    LOST = "lost"
    """The environment or the daemon disappeared during the run."""
    FAILED = "failed"
    """The command never started, because there is no engine or no image; `error` says why."""

    @property
    def ended(self) -> bool:
        """Whether this state is final."""
        return self not in (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING)


class Trigger(enum.StrEnum):
    """What started a run: a save in an editor, a change on disk, or a client's request."""

    SAVE = "save"
    WATCH = "watch"
    REQUEST = "request"


class Run(Frozen, frozen=True):
    """A run is one execution of a task or of an ad-hoc command.

    Times are seconds since the epoch, 0 if not reached yet. `exit_status` is the command's, 128+n
    if signal n ended it, and None until it has ended. `user_time` and `system_time` are seconds of
    processor time that the command and its children used, 0 if unknown. `output_bytes` is the size
    of the stored output. `only` are the tests that were selected, each as in `TestResult.path`;
    empty for all. `remarks` name the limits of the environment that a failed command reached.
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
