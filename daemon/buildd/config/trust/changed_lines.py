"""The lines in which two texts differ, in time that grows with their length. Pure.

`difflib` takes minutes for texts that are made for it, and whoever wrote these is not trusted.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterator, Sequence


def changed_lines(then: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Each line that only one of them has: `- ` before one of `then`, `+ ` before one of `now`.

    A line that both have may be told as well, where it is not clear that it is the same one.
    """
    after_then = after_now = 0
    for at_then, at_now in (*_anchors(then, now), (len(then), len(now))):
        yield from _between(then[after_then:at_then], now[after_now:at_now])
        after_then, after_now = at_then + 1, at_now + 1


def _between(then: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """What differs, told as a block: equal lines at its beginning and its end are left out."""
    shorter = min(len(then), len(now))
    start = 0
    while start < shorter and then[start] == now[start]:
        start += 1
    end = 0
    while end < shorter - start and then[-1 - end] == now[-1 - end]:
        end += 1
    yield from (f"- {line}" for line in then[start : len(then) - end])
    yield from (f"+ {line}" for line in now[start : len(now) - end])


def _anchors(then: Sequence[str], now: Sequence[str]) -> list[tuple[int, int]]:
    """The places of lines that are in each text exactly once, as many as keep their order."""
    counts_then, counts_now = Counter(then), Counter(now)
    places = {line: place for place, line in enumerate(then) if counts_then[line] == 1}
    pairs = [
        (places[line], place)
        for place, line in enumerate(now)
        if counts_now[line] == 1 and line in places
    ]
    # The longest ascending run of the first numbers, by patience sorting.
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for number, (place, _) in enumerate(pairs):
        pile = bisect.bisect_left(tops, place)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place]
        piles[pile : pile + 1] = [number]
    found = []
    number = piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
