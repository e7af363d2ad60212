"""This module runs work in threads that also stops in the engine when it is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from buildd.engines.docker.client import in_thread
from buildd.errors import EngineError

P = ParamSpec("P")
T = TypeVar("T")

RETRY_INTERVAL = 0.1
"""Seconds between two interrupts of work that goes on: it may not wait for the engine yet."""


class _Interrupt:
    def __init__(self) -> None:
        self.is_set = False
        self._lock = threading.Lock()
        self._end: Callable[[], object] | None = None

    def set(self) -> None:
        with self._lock:
            self.is_set = True
            if self._end:
                self._end()

    def check(self) -> None:
        if self.is_set:
            raise EngineError("it was cancelled")

    @contextmanager
    def ending(self, end: Callable[[], object]) -> Iterator[None]:
        self.check()
        with self._lock:
            self._end = end
        try:
            yield
        except Exception as error:
            if self.is_set:
                raise EngineError("it was cancelled") from error
            raise
        finally:
            with self._lock:
                self._end = None
        self.check()


_current: ContextVar[_Interrupt] = ContextVar("interrupt")


async def interruptible(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in a thread, as `in_thread` does, in a way that can be cancelled.

    A cancel ends the wait of `function` inside `ended_by`, and returns after `function` has.
    """
    interrupt = _Interrupt()
    token = _current.set(interrupt)
    try:
        work = asyncio.create_task(in_thread(function, *args, **kwargs))
    finally:
        _current.reset(token)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            interrupt.set()
            await asyncio.wait((work,), timeout=RETRY_INTERVAL)
        raise


def unless_interrupted() -> None:
    """Raise EngineError if the work that calls this was cancelled."""
    if interrupt := _current.get(None):
        interrupt.check()


@contextmanager
def ended_by(end: Callable[[], object]) -> Iterator[None]:
    """Let a cancel of the work end the context, by calling `end`.

    `end` is called from another thread, perhaps repeatedly, and must end the wait in the context.
    Raises EngineError if the work was cancelled.
    """
    interrupt = _current.get(None)
    if interrupt is None:
        yield
    else:
        with interrupt.ending(end):
            yield
