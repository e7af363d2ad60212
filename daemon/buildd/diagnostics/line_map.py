"""Maps the lines of a text that was built to the text as it is edited now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

MIDDLE_LIMIT = 5_000
"""Lines between the common beginning and end of both texts. If there are more, none is matched."""


class LineMap:
    """Maps 0-based lines of the text `built` to lines of the text `now`."""

    def __init__(self, built: Sequence[str], now: Sequence[str]) -> None:
        head = 0
        shortest = min(len(built), len(now))
        while head < shortest and built[head] == now[head]:
            head += 1
        tail = 0
        while tail < shortest - head and built[-1 - tail] == now[-1 - tail]:
            tail += 1
        self._head = head
        self._tail_start = len(built) - tail
        self._offset = len(now) - len(built)
        self._last = max(len(now) - 1, 0)
        middle = built[head : len(built) - tail], now[head : len(now) - tail]
        self._same: dict[int, int] = {}
        if max(map(len, middle)) <= MIDDLE_LIMIT:
            for start, new, count in SequenceMatcher(
                None, *middle, autojunk=False
            ).get_matching_blocks():
                for number in range(count):
                    self._same[head + start + number] = head + new + number

    def line(self, built: int) -> tuple[int, bool]:
        """Return where the line is now, and whether it is still the same.

        If it is not, this is the line after the nearest one before it that is the same.
        """
        if built < self._head:
            return built, True
        if built >= self._tail_start:
            return min(built + self._offset, self._last), built + self._offset <= self._last
        if built in self._same:
            return self._same[built], True
        before = max((line for line in self._same if line < built), default=self._head - 1)
        now = self._same.get(before, before) + 1
        return min(now, self._last), False
