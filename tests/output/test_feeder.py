"""A slow parser delays the output of its own run only."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import cast

import pytest

from buildd.output.feeder import Feeder
from buildd.output.parsing import OutputParser
from buildd.runner.pipes import CHUNK, PipeReader
from tests.support.daemon import TIMEOUT


class Parser:
    """Stands for an `OutputParser`; with matchers it waits until `go` is set."""

    def __init__(self, *, has_matchers: bool) -> None:
        self.has_matchers = has_matchers
        self.seen = b""
        self.threads: set[int] = set()
        self.go = threading.Event()

    @property
    def count(self) -> int:
        return len(self.seen)

    def feed(self, data: bytes) -> None:
        if self.has_matchers:
            assert self.go.wait(TIMEOUT)
        self.seen += data
        self.threads.add(threading.get_ident())

    def finish(self) -> None:
        self.feed(b"!")


async def feed(parser: Parser, *pieces: bytes) -> list[int]:
    """Feed the pieces while the parser waits; how much was known each time something was found."""
    found: list[int] = []
    feeder = Feeder(cast("OutputParser", parser), lambda: found.append(parser.count))
    for piece in pieces:
        feeder.feed(piece)
    parser.go.set()
    await feeder.finish()
    return found


async def test_without_matchers_it_is_fed_at_once() -> None:
    parser = Parser(has_matchers=False)
    assert await feed(parser, b"a", b"b") == [1, 2]
    assert parser.seen == b"ab!"
    assert parser.threads == {threading.get_ident()}


async def test_with_matchers_it_is_fed_in_order_and_in_other_threads() -> None:
    parser = Parser(has_matchers=True)
    await feed(parser, *(b"%d," % number for number in range(100)))
    assert parser.seen == b"".join(b"%d," % number for number in range(100)) + b"!"
    assert threading.get_ident() not in parser.threads


async def test_meanwhile_no_more_is_read() -> None:
    parser = Parser(has_matchers=True)
    feeder = Feeder(cast("OutputParser", parser), lambda: None)
    read = 0

    def on_data(data: bytes) -> asyncio.Future[None] | None:
        nonlocal read
        read += len(data)
        return feeder.feed(data)

    out, into = os.pipe()
    os.set_blocking(out, False)
    reader = PipeReader(out, on_data)
    writing = asyncio.create_task(asyncio.to_thread(write, into, b"x" * 8 * CHUNK))
    while not read:
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert read <= CHUNK
    parser.go.set()
    await writing
    await asyncio.wait_for(reader.ended.wait(), TIMEOUT)
    await feeder.finish()
    assert parser.seen == b"x" * 8 * CHUNK + b"!"


def write(fd: int, data: bytes) -> None:
    with os.fdopen(fd, "wb") as file:
        file.write(data)


@pytest.mark.parametrize("is_held", [False, True])
async def test_whether_somebody_still_writes_is_seen_while_it_waits(is_held: bool) -> None:
    parser = Parser(has_matchers=True)
    feeder = Feeder(cast("OutputParser", parser), lambda: None)
    out, into = os.pipe()
    os.set_blocking(out, False)
    reader = PipeReader(out, feeder.feed)
    os.write(into, b"a")
    while not feeder._waiting and not feeder._work:
        await asyncio.sleep(0)
    os.write(into, b"b")
    if not is_held:
        os.close(into)
    assert reader.drain() is is_held
    parser.go.set()
    await feeder.finish()
    assert parser.seen == b"ab!"
    if is_held:
        os.close(into)
