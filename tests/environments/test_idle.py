"""Which containers stay warm, with environments that say themselves whether they are in use."""

from __future__ import annotations

import asyncio

from buildd.environments.idle import IdlePolicy


class Environment:
    """Warm until it is stopped."""

    def __init__(self) -> None:
        self.has_container = True
        self.in_use = False
        self.stopped = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        return self.has_container and not self.in_use

    async def stop(self) -> bool:
        self.has_container = False
        self.stopped.set()
        return True


async def settle() -> None:
    """Let everything happen that is due now."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_least_recently_used_go_first() -> None:
    policy = IdlePolicy(0, 2)
    first, second, third = Environment(), Environment(), Environment()
    for one in (first, second, first, third):
        policy.used(one)
    await second.stopped.wait()
    await settle()
    assert (first.has_container, third.has_container) == (True, True)


async def test_what_is_in_use_stays_and_goes_when_its_use_ends() -> None:
    policy = IdlePolicy(0, 1)
    first, second = Environment(), Environment()
    first.in_use = True
    policy.used(first)
    policy.used(second)
    await settle()
    assert first.has_container
    assert second.has_container, "what was used last is of use"
    first.in_use = False
    policy.used(first)
    await second.stopped.wait()
    assert first.has_container


async def test_what_nobody_uses_stops_after_its_time() -> None:
    policy = IdlePolicy(0.01, 0)
    busy, idle = Environment(), Environment()
    busy.in_use = True
    policy.used(busy)
    policy.used(idle)
    await idle.stopped.wait()
    assert policy.has_warm()
    busy.in_use = False
    policy.used(busy)
    await busy.stopped.wait()
    await settle()
    assert not policy.has_warm()


async def test_a_use_that_begins_in_the_last_moment_is_not_disturbed() -> None:
    policy = IdlePolicy(0, 1)
    first, second = Environment(), Environment()
    policy.used(first)
    policy.used(second)
    await asyncio.sleep(0)
    first.in_use = True
    await settle()
    assert first.has_container


async def test_without_limits_nothing_is_stopped() -> None:
    policy = IdlePolicy(0, 0)
    environments = [Environment() for _ in range(20)]
    for one in environments:
        policy.used(one)
    await settle()
    assert all(one.has_container for one in environments)
    assert not policy.has_warm(), "nobody waits for what is never stopped"
