"""This module reads the output of a command until both have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from buildd.errors import EnvironmentLostError
from buildd.runner.base import LINGER, Runner, Running
from buildd.runner.job import Job
from buildd.runner.pipes import PipeReader

OnData = Callable[[bytes], None]
"""Receives each piece of output in the event loop."""


async def run_to_end(runner: Runner, job: Job, on_data: OnData) -> int:
    """Run a job, hand its output to `on_data`, and return its exit status.

    Cancelling kills the command and waits until it has ended. Raises EnvironmentLostError if the
    environment goes away first.
    """
    process = await runner.run(job)
    try:
        return await read_to_end(process, on_data)
    except asyncio.CancelledError:
        process.cancel(kill=True)
        await process.wait()
        raise
    finally:
        await process.close()


async def read_to_end(
    process: Running, on_data: OnData, on_held: Callable[[], None] = lambda: None
) -> int:
    """Pass the output of a command to `on_data` until the command has ended; return its status.

    If a process that the command started keeps the output open, it is read for `LINGER` seconds
    more, then `on_held` is called. Raises EnvironmentLostError as `Running.wait` does, after it has
    read what was written before.
    """
    output = process.read("out", on_data)
    try:
        status = await process.wait()
        await _read_rest(output, on_held)
    except EnvironmentLostError:
        output.drain()  # no process writes any more, but the pipe may contain output
        raise
    finally:
        output.close()
    return status


async def _read_rest(output: PipeReader, on_held: Callable[[], None]) -> None:
    if output.ended.is_set():
        return  # the usual case, which `wait_for` needs two turns of the event loop to see
    try:
        await asyncio.wait_for(output.ended.wait(), LINGER)
    except TimeoutError:
        output.drain()
        on_held()
