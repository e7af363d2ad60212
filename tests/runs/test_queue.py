"""The queue: one running, one pending, whatever the burst."""

from __future__ import annotations

import asyncio

import pytest

from buildd.runs.queue import CEILING, Queue
from tests.support.daemon import TIMEOUT


class Item:
    """Runs until the test lets it end."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.end = asyncio.Event()

    @property
    def has_ended(self) -> bool:
        return self.end.is_set()

    def start(self) -> None:
        self.started.set()

    async def wait(self) -> None:
        await self.end.wait()

    def cancel(self, *, reason: str) -> None:
        assert reason
        self.end.set()


async def settle() -> None:
    """Let everything happen that is due now."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_runs_and_all_who_ask_meanwhile_share_the_next() -> None:
    queue = Queue(Item)
    first = queue.request()
    await first.started.wait()
    later = {queue.request() for _ in range(100)}
    assert len(later) == 1
    (second,) = later
    assert second is not first
    assert queue.items() == [first, second]
    assert not second.started.is_set()
    first.end.set()
    await second.started.wait()
    second.end.set()


async def test_a_burst_before_the_start_makes_one() -> None:
    queue = Queue(Item)
    burst = {queue.request(delay=0.02) for _ in range(10)}
    assert len(burst) == 1
    (item,) = burst
    assert not item.started.is_set()
    await item.started.wait()
    assert queue.items() == [item]
    item.end.set()


async def test_a_request_without_delay_does_not_wait_for_an_earlier_delay() -> None:
    queue = Queue(Item)
    item = queue.request(delay=3600)
    assert queue.request() is item
    await asyncio.wait_for(item.started.wait(), TIMEOUT)
    item.end.set()


async def test_an_item_that_ended_before_its_turn_is_passed_over() -> None:
    queue = Queue(Item)
    first = queue.request()
    await first.started.wait()
    second = queue.request()
    second.end.set()
    first.end.set()
    third = queue.request()
    assert third is not second
    await third.started.wait()
    assert not second.started.is_set()
    third.end.set()


async def test_it_can_be_used_again_after_it_ran_empty() -> None:
    queue = Queue(Item)
    for _ in range(3):
        item = queue.request()
        await item.started.wait()
        item.end.set()
        while queue.items():
            await asyncio.sleep(0)


async def test_a_burst_without_end_does_not_put_it_off_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    queue = Queue(Item)
    item = queue.request(delay=10)
    while now < 10 * CEILING:
        await settle()
        assert not item.started.is_set(), "each puts it off"
        assert queue.request(delay=10) is item
        now += 5
    await settle()
    assert item.started.is_set()
    item.end.set()


async def test_a_newer_one_may_supersede_what_runs_once_it_is_due() -> None:
    queue = Queue(Item, lambda pending, running: True)
    first = queue.request()
    await first.started.wait()
    second = queue.request(delay=3600)
    await settle()
    assert not first.has_ended, "not before the newer one can begin"
    assert queue.request() is second
    await second.started.wait()
    assert first.end.is_set()
    second.end.set()


async def test_what_runs_is_asked_again_when_somebody_else_asks() -> None:
    wanted: list[bool] = []
    queue = Queue(Item, lambda pending, running: bool(wanted))
    first = queue.request()
    await first.started.wait()
    second = queue.request()
    await settle()
    assert not first.has_ended
    wanted.append(True)
    assert queue.request() is second
    await asyncio.wait_for(second.started.wait(), TIMEOUT)
    second.end.set()
