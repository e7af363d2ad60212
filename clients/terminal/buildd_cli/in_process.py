"""Run tasks in this process, without a daemon, for the commands `ci`, `verify` and `try`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from buildd.config.load import load, project_at
from buildd.config.trust import consent
from buildd.errors import BuilddError
from buildd.model import Project, RunState
from buildd.protocol import RunResult
from buildd.trials.trial import remove_leftovers
from buildd_cli.directory import project_of
from buildd_cli.execution.signals import FORWARDED
from buildd_cli.output.terminal import show_progress


def load_project(arguments: argparse.Namespace) -> Project:
    """Load the project of the current directory or `-C`. Raises NoProjectError, ConfigError."""
    return load(project_at(project_of(arguments)))


def require_trust(project: Project) -> None:
    """Raise UntrustedError unless the configuration is trusted as it is now."""
    if not consent.is_trusted(project):
        raise consent.untrusted(project)


def run_async(work: Coroutine[Any, Any, int]) -> int:
    """Remove what earlier trials left behind, then run `work`; return its exit status.

    The first signal cancels the work and lets it clean up. The second kills the running command.
    The third ends this process at once; the next trial cleans up.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(_after_leftovers(work))
    received: list[int] = []

    def interrupt(number: int) -> None:
        received.append(number)
        if len(received) > 2:
            message = "buildd: stopped without cleaning up; the next such command does it"
            print(message, file=sys.stderr, flush=True)
            os._exit(128 + received[0])
        if os.isatty(2) and len(received) == 1:
            print("\nbuildd: cancelling; press Ctrl-C again to kill", file=sys.stderr)
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
    """Return the result, if the run's command has ended.

    Raises BuilddError if the environment was lost during the run.
    """
    if result.run.state is RunState.LOST:
        raise BuilddError(result.run.error or "the environment went away", "Run it again.")
    return result


def report(message: str, percentage: int | None) -> None:
    """Show the progress of an environment's preparation; `percentage` is None if not known."""
    show_progress({"message": message, "percentage": percentage})


async def _after_leftovers(work: Coroutine[Any, Any, int]) -> int:
    try:
        await remove_leftovers()
    except BaseException:
        work.close()
        raise
    return await work


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel the tasks that still wait, and close the loop.

    A thread that waits for the engine ends with this process.
    """
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))
    loop.close()
