"""The daemon's own modules at work in our process, where no daemon is wanted: trials."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from buildd.config.load import find_project, load
from buildd.config.trust import consent
from buildd.errors import BuilddError, NoProjectError, UnknownNameError, UntrustedError
from buildd.model import Project, RunState, Task
from buildd.protocol import RunResult
from buildd.trials.trial import remove_leftovers
from buildd_cli.directory import project_of
from buildd_cli.interrupts import FORWARDED
from buildd_cli.terminal import show_progress


def project_here(arguments: argparse.Namespace) -> Project:
    """The project that is meant. Raises NoProjectError or ConfigError."""
    path = project_of(arguments)
    directory = find_project(path)
    if directory is None:
        raise NoProjectError(
            f"there is no buildd.toml in {path} or above",
            "`buildd init` writes one from what the directory holds.",
        )
    return load(directory)


def require_trust(project: Project) -> None:
    """Raises UntrustedError where the configuration is not trusted as it is."""
    if not consent.is_trusted(project):
        raise UntrustedError(
            f"{project.config_file} is not trusted in its present form",
            "Look at what it would run with `buildd trust`, which asks for your consent.",
        )


def task_of(project: Project, name: str) -> Task:
    """The task of that name. Raises UnknownNameError."""
    if name not in project.tasks:
        raise UnknownNameError(
            f"{project.config_file} has no task `{name}`",
            f"It has: {', '.join(project.tasks)}."
            if project.tasks
            else f"Add `[tasks.{name}]` with `run = …` to it.",
        )
    return project.tasks[name]


def conduct(work: Coroutine[Any, Any, int]) -> int:
    """Do the work, after what earlier trials left behind is removed; its exit status.

    The first signal cancels it and lets it tidy up; the second kills the command that runs; the
    third ends us where we are, and leaves the tidying to the next trial.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(_after_leftovers(work))
    received: list[int] = []

    def interrupt(number: int) -> None:
        received.append(number)
        if len(received) > 2:
            print("buildd: left as it is; the next trial tidies up", file=sys.stderr, flush=True)
            os._exit(128 + received[0])
        if os.isatty(2) and len(received) == 1:
            print("\nbuildd: cancelling; once more to kill", file=sys.stderr)
        task.cancel()

    for number in FORWARDED:
        # What our parent had ignored (nohup, a shell's background job) stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, interrupt, number)
    try:
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        return 128 + received[0]
    finally:
        _finish(loop)


def ended(result: RunResult) -> RunResult:
    """The result of a run whose command came to its end. Raises BuilddError where the environment
    went away under it."""
    if result.run.state is RunState.LOST:
        raise BuilddError(result.run.error or "the environment went away", "Run it again.")
    return result


def report(message: str, percentage: int | None) -> None:
    """Say how an environment's preparing goes."""
    show_progress({"message": message, "percentage": percentage})


async def _after_leftovers(work: Coroutine[Any, Any, int]) -> int:
    try:
        await remove_leftovers()
    except BaseException:
        work.close()
        raise
    return await work


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """End what still waits. A thread that the engine keeps waiting is left to our own end."""
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(asyncio.wait(rest))
    loop.close()
