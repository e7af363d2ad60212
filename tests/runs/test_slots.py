"""Whose turn it is, when more want to run than may."""

from __future__ import annotations

import asyncio

from buildd.runs.slots import Slots


class Wanted:
    """One that wants a slot, and holds it until the test lets it end."""

    def __init__(
        self, slots: Slots, project: str, order: list[str], *, urgent: bool = False
    ) -> None:
        self.urgent = urgent
        self.end = asyncio.Event()
        self.work = asyncio.create_task(self._hold(slots, project, order))

    async def _hold(self, slots: Slots, project: str, order: list[str]) -> None:
        async with slots.hold(project, lambda: self.urgent):
            order.append(project)
            await self.end.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_than_the_limit_hold_one() -> None:
    slots, order = Slots(2), list[str]()
    wanted = [Wanted(slots, str(n), order) for n in range(5)]
    await settle()
    assert order == ["0", "1"]
    wanted[0].end.set()
    await settle()
    assert order == ["0", "1", "2"]
    for one in wanted:
        one.end.set()
    await asyncio.gather(*(one.work for one in wanted))
    assert slots.free == 2


async def test_the_project_that_holds_fewest_is_next() -> None:
    slots, order = Slots(2), list[str]()
    wanted = [Wanted(slots, name, order) for name in ("a", "a", "a", "a", "b")]
    await settle()
    wanted[0].end.set()
    await settle()
    assert order == ["a", "a", "b"]
    for one in wanted:
        one.end.set()
    await asyncio.gather(*(one.work for one in wanted))


async def test_what_a_person_asked_for_goes_ahead_even_if_asked_later() -> None:
    slots, order = Slots(1), list[str]()
    first, save, other = (Wanted(slots, name, order) for name in ("running", "save", "asked"))
    await settle()
    other.urgent = True  # somebody asked for what a save had queued
    first.end.set()
    await settle()
    assert order == ["running", "asked"]
    save.end.set()
    other.end.set()
    await asyncio.gather(first.work, save.work, other.work)


async def test_who_leaves_while_waiting_or_holding_gives_it_back() -> None:
    slots, order = Slots(1), list[str]()
    holding, waiting = Wanted(slots, "a", order), Wanted(slots, "b", order)
    await settle()
    waiting.work.cancel()
    holding.work.cancel()
    await asyncio.wait((waiting.work, holding.work))
    assert slots.free == 1
    last = Wanted(slots, "c", order)
    await settle()
    assert order == ["a", "c"]
    last.end.set()
    await last.work
