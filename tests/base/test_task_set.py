"""Tasks that nobody awaits."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref

import pytest

from buildd.base.task_set import TaskSet
from buildd.errors import BuilddError

log = logging.getLogger(__name__)


async def failing(error: Exception) -> None:
    raise error


async def test_a_task_is_held_until_it_is_done() -> None:
    tasks = TaskSet(log)

    class Waiting:
        """A future that only its own task refers to, so that nothing else keeps that alive."""

        async def wait(self) -> None:
            self.future = asyncio.get_running_loop().create_future()
            seen.append(weakref.ref(self.future))
            await self.future

    seen: list[weakref.ref[asyncio.Future[None]]] = []
    tasks.start(Waiting().wait())
    await asyncio.sleep(0)
    gc.collect()
    assert len(tasks) == 1
    (future,) = (reference() for reference in seen)
    assert future
    future.set_result(None)
    await tasks.settled()
    assert len(tasks) == 0


async def test_a_failure_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    tasks = TaskSet(log)
    task = tasks.start(failing(ValueError("no such thing")))
    await tasks.settled()
    assert task.done()
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("ERROR", __name__)
    assert record.getMessage() == "failing failed"
    assert record.exc_info
    assert str(record.exc_info[1]) == "no such thing"


async def test_what_is_expected_and_a_cancel_are_no_failures(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = TaskSet(log, BuilddError)
    tasks.start(failing(BuilddError("told otherwise")))
    tasks.start(asyncio.sleep(3600))
    tasks.keep(asyncio.create_task(asyncio.sleep(3600)))
    await asyncio.sleep(0)
    tasks.cancel()
    await tasks.settled()
    assert len(tasks) == 0
    assert not caplog.records


async def test_waiting_has_an_end(caplog: pytest.LogCaptureFixture) -> None:
    tasks = TaskSet(log)
    await tasks.settled()
    task = tasks.start(asyncio.sleep(3600))
    await tasks.settled(timeout=0)
    assert not task.done()
    tasks.cancel()
    await tasks.settled()


async def test_a_result_can_be_had() -> None:
    tasks = TaskSet(log)
    assert await tasks.start(asyncio.sleep(0, "result")) == "result"
