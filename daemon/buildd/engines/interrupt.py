"""Work in a thread that ends in the engine, too, when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from buildd.engines.docker_client import in_thread
from buildd.errors import BuilddError, EngineError

P = ParamSpec("P")
T = TypeVar("T")


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

    @contextmanager
    def ending(self, end: Callable[[], object]) -> Iterator[None]:
        with self._lock:
            self._end = end
            if self.fired:
                end()
        try:
            yield
        except Exception as error:
            if self.fired:
                raise EngineError("it was cancelled") from error
            raise
        finally:
            with self._lock:
                self._end = None
        if self.fired:
            raise EngineError("it was cancelled")


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
        interrupt.fire()
        with suppress(BuilddError):
            await work
        raise


@contextmanager
def ended_by(end: Callable[[], object]) -> Iterator[None]:
    """Whatever waits in this context returns or raises once `end` was called, from any thread. At
    the end, raises EngineError if it was."""
    interrupt = _current.get(None)
    if interrupt is None:
        yield
    else:
        with interrupt.ending(end):
            yield
