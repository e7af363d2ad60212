"""Work in a thread that ends in the engine, too, when nobody waits for it any more."""

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

AGAIN = 0.1
"""Seconds after which work is ended once more that goes on: it may not have begun to wait."""


class _Interrupt:
    def __init__(self) -> None:
        self.fired = False
        self._lock = threading.Lock()
        self._end: Callable[[], object] | None = None

    def fire(self) -> None:
        with self._lock:
            self.fired = True
            if self._end:
                self._end()

    def check(self) -> None:
        if self.fired:
            raise EngineError("it was cancelled")

    @contextmanager
    def ending(self, end: Callable[[], object]) -> Iterator[None]:
        self.check()
        with self._lock:
            self._end = end
        try:
            yield
        except Exception as error:
            if self.fired:
                raise EngineError("it was cancelled") from error
            raise
        finally:
            with self._lock:
                self._end = None
        self.check()


_current: ContextVar[_Interrupt] = ContextVar("interrupt")


async def interruptible(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """As `in_thread`; cancelling it ends what `function` waits for inside of `ended_by`, and waits
    until it has returned."""
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
            interrupt.fire()
            await asyncio.wait((work,), timeout=AGAIN)
        raise


def unless_interrupted() -> None:
    """Raises EngineError where nobody waits any more for the work that calls this."""
    if interrupt := _current.get(None):
        interrupt.check()


@contextmanager
def ended_by(end: Callable[[], object]) -> Iterator[None]:
    """Whatever waits in this context returns or raises once `end` was called, from any thread, and
    perhaps again. Raises EngineError if it was, or should have been before."""
    interrupt = _current.get(None)
    if interrupt is None:
        yield
    else:
        with interrupt.ending(end):
            yield
