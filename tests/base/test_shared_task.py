"""Work that several want at the same time."""

from __future__ import annotations

import asyncio

import pytest

from buildd.base.shared_task import SharedTask


class Work:
    """Begun as often as `begun`, it gives that number once `go` is set."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("done")
        return self.begun


async def joined(joint: SharedTask[int], work: Work) -> asyncio.Task[int]:
    task = asyncio.create_task(joint.join(work))
    await asyncio.sleep(0)  # it has joined
    await asyncio.sleep(0)  # the work has begun
    return task


async def test_it_is_done_once_for_all() -> None:
    joint, work = SharedTask[int](), Work()
    both = [await joined(joint, work), await joined(joint, work)]
    work.go.set()
    assert await asyncio.gather(*both) == [1, 1]
    assert not joint.under_way
    assert await joint.join(work) == 2


async def test_the_last_who_leaves_ends_it() -> None:
    joint, work = SharedTask[int](), Work()
    one, other = await joined(joint, work), await joined(joint, work)
    one.cancel()
    await asyncio.wait((one,))
    assert joint.under_way
    other.cancel()
    await joint.settled()
    assert work.ended == ["cancelled"]


async def test_who_comes_right_after_the_last_has_left_goes_on_with_it() -> None:
    joint, work = SharedTask[int](), Work()
    one = await joined(joint, work)
    one.cancel()
    await asyncio.wait((one,))
    other = await joined(joint, work)
    work.go.set()
    assert await other == 1
    assert work.ended == ["done"]


async def test_cancelling_it_cancels_all_and_who_comes_then_begins_anew() -> None:
    told: list[bool] = []
    joint = SharedTask[int](lambda: told.append(True))
    work = Work()
    one = await joined(joint, work)
    assert joint.cancel()
    other = await joined(joint, work)
    with pytest.raises(asyncio.CancelledError):
        await one
    work.go.set()
    assert await other == 2
    assert work.ended == ["cancelled", "done"]
    await joint.settled()
    assert len(told) == 2
    assert not joint.cancel()
