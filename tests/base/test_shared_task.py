"""These tests share one piece of work among several callers."""

from __future__ import annotations

import asyncio

import pytest

from buildd.base.shared_task import SharedTask


class Work:
    """Work that waits for `go`, and returns how often it was started."""

    def __init__(self) -> None:
        self.starts = 0
        self.ended: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.starts += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("done")
        return self.starts


async def start_waiter(shared: SharedTask[int], work: Work) -> asyncio.Task[int]:
    task = asyncio.create_task(shared.join(work))
    await asyncio.sleep(0)  # it has joined
    await asyncio.sleep(0)  # the work has begun
    return task


async def test_the_work_is_done_once_for_all_waiters() -> None:
    shared, work = SharedTask[int](), Work()
    waiters = [await start_waiter(shared, work), await start_waiter(shared, work)]
    work.go.set()
    assert await asyncio.gather(*waiters) == [1, 1]
    assert not shared.under_way
    assert await shared.join(work) == 2


async def test_the_work_ends_after_its_last_waiter_has_left() -> None:
    shared, work = SharedTask[int](), Work()
    first, second = await start_waiter(shared, work), await start_waiter(shared, work)
    first.cancel()
    await asyncio.wait((first,))
    assert shared.under_way
    second.cancel()
    await shared.settled()
    assert work.ended == ["cancelled"]


async def test_a_waiter_that_comes_right_after_the_last_one_left_gets_the_same_work() -> None:
    shared, work = SharedTask[int](), Work()
    first = await start_waiter(shared, work)
    first.cancel()
    await asyncio.wait((first,))
    second = await start_waiter(shared, work)
    work.go.set()
    assert await second == 1
    assert work.ended == ["done"]


async def test_cancelling_the_work_cancels_all_waiters_and_later_ones_start_it_again() -> None:
    ends: list[bool] = []
    shared = SharedTask[int](lambda: ends.append(True))
    work = Work()
    first = await start_waiter(shared, work)
    assert shared.cancel()
    second = await start_waiter(shared, work)
    with pytest.raises(asyncio.CancelledError):
        await first
    work.go.set()
    assert await second == 2
    assert work.ended == ["cancelled", "done"]
    await shared.settled()
    assert len(ends) == 2
    assert not shared.cancel()
