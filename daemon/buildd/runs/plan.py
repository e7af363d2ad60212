"""What a run is to do, and where."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import NamedTuple

from buildd.environments.environment import LiveEnvironment
from buildd.model import Project, Run, Trigger
from buildd.output.task_reader import TaskReader
from buildd.protocol import Ready
from buildd.runner.job import Job
from buildd.runs.slots import Slots

Tests = tuple[tuple[str, ...], ...]
"""Some tests, each as in `TestResult.path`."""


class RunPlan(NamedTuple):
    """What a run is to do: a command, where it runs, and who reads its output.

    The output goes through a task's `TaskReader`; or `output` is a function that gets the paths of
    the command's pipes, which a client opens itself.
    """

    project: Project
    environment: LiveEnvironment
    job: Job
    """Its directory is the host's."""
    output: TaskReader | Callable[[Ready], None]
    task: str = ""
    """The task's name; empty for an ad-hoc command."""
    only: Tests = ()
    """The tests to run; empty for all of them."""
    slots: Slots | None = None
    """Bounds how many run at once; None for a run that does not count."""
    relayed: bool = False
    """Whether the engine makes the command's terminal."""

    def record(self, run_id: str) -> Run:
        """The record of a new run that follows this plan."""
        return Run(
            id=run_id,
            project=self.project.path,
            task=self.task,
            environment=self.environment.specification.name,
            command=self.job.command,
            trigger=Trigger.REQUEST,
            created=time.time(),
            only=self.only,
        )


def new_run_id() -> str:
    """A new id for a run: 8 hexadecimal digits."""
    return secrets.token_hex(4)
