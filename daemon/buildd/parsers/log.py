"""Feeds one run's output, line by line, to the parsers that may want it.

A log is long, and nearly all of its lines matter to no parser. Each parser names texts of which
every line that it wants holds one (its hints). All hints are searched for at once, in one pass over
the text; lines without a hint are never looked at.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import ahocorasick_rs

from buildd.parsers.base import Parser
from buildd.parsers.directories import HINTS as DIRECTORY_HINTS
from buildd.parsers.prefixes import TestNumbers, after_prefix, without_prefixes
from buildd.parsers.rendering import Rendering
from buildd.parsers.report import ParseResult

LINE_LIMIT = 8192
"""The most characters of a line that parsers see. The time of every pattern is at most quadratic in
that.
"""


class Log:
    """Reads one run's output with a set of parsers.

    Feed it blocks of whole lines; `report` holds what was found so far. `directory` is where the
    command started, an absolute path as the tool sees it. `kinds` are the parser classes, in the
    order in which they may claim a line. `matchers` make parsers without hints: these are offered
    every line before the others, and are never asked for `more`.
    """

    def __init__(
        self,
        kinds: Sequence[type[Parser]],
        directory: str,
        matchers: Sequence[Callable[[ParseResult], Parser]] = (),
    ) -> None:
        self.report = ParseResult(directory)
        self._matchers = [make(self.report) for make in matchers]
        self._kinds = kinds
        self._index = _index(tuple(kinds))
        self._parsers: dict[int, Parser] = {}
        """The parsers that some line was offered to, by their index in `kinds`."""
        self._open: tuple[Parser, ...] = ()
        """The parsers that took the last line, or would take it if the next line is as they expect.
        """
        self._head = ""
        """The last line, while it is not sure which parser takes it."""
        self._is_prefixed = False
        """Whether the line that opened them stood behind a prefix."""
        self._rendering = Rendering(self.report)
        self._numbers = TestNumbers()

    def feed(self, block: str) -> None:
        """Reads whole lines.

        `block` ends with a newline, and holds neither escape sequences nor carriage returns.
        """
        # The newline before it lets a hint begin with one, which ties it to the start of a line. A
        # matcher sees the line as it is, with its prefix.
        text = f"\n{block}"
        if not self._matchers:
            text = self._numbers.strip(without_prefixes(text))
        matches = self._index.automaton.find_matches_as_indexes(text, overlapping=True)
        next_match, count = 0, len(matches)
        position, size = 1, len(text)
        directories = self.report.directories
        while position < size:
            start = position
            if not self._open and not self._matchers and not directories.needs_every_line:
                if next_match == count:
                    return
                # Skip to the next line that some parser may want.
                start = text.rfind("\n", position - 1, matches[next_match][2] - 1) + 1
            end = text.find("\n", start)
            if end < 0:
                end = size
            wanted = 0
            while next_match < count and matches[next_match][2] <= end:
                wanted |= self._index.readers[matches[next_match][0]]
                next_match += 1
            self._read(text[start:end], wanted)
            position = end + 1

    def finish(self) -> None:
        """Tells the parsers that the log has ended."""
        self._rendering.finish()
        for parser in (*self._matchers, *(self._parsers[index] for index in sorted(self._parsers))):
            parser.finish()

    def _read(self, line: str, wanted: int) -> None:
        """Offers a line to the parsers.

        `wanted` has a bit for each parser that may begin here; the lowest bit stands for the
        directories.
        """
        if self._matchers and any(matcher.begin(line[:LINE_LIMIT]) for matcher in self._matchers):
            return
        if self._open and self._more(line):
            return
        if (
            wanted & 1 or self.report.directories.needs_every_line
        ) and self.report.directories.read(line[:LINE_LIMIT]):
            return
        wanted >>= 1
        if not wanted or self._begin(line, wanted, is_prefixed=False):
            return
        if rest := after_prefix(line[:LINE_LIMIT]):
            self._begin(rest, wanted, is_prefixed=True)

    def _begin(self, line: str, wanted: int, *, is_prefixed: bool) -> bool:
        """Returns whether a parser takes the line as the first of a diagnostic, or may do so."""
        short = line[:LINE_LIMIT]
        before = len(self.report.diagnostics)
        undecided: list[Parser] = []
        for number in _bits(wanted):
            parser = self._parsers.get(number)
            if parser is None:
                parser = self._parsers[number] = self._kinds[number](self.report)
            is_its_own = parser.begin(line if parser.WHOLE else short)
            if is_its_own:
                self._rendering.begins()
                self._rendering.taken(parser, short, before)
                self._open, self._head, self._is_prefixed = (parser,), "", is_prefixed
                return True
            if is_its_own is None:
                undecided.append(parser)
        if undecided:
            self._open, self._head, self._is_prefixed = tuple(undecided), short, is_prefixed
        return bool(undecided)

    def _more(self, line: str) -> bool:
        """Returns whether the line belongs to one of the open parsers."""
        if self._is_prefixed:
            line = after_prefix(line) or line
        short = line[:LINE_LIMIT]
        before = len(self.report.diagnostics)
        for parser in self._open:
            is_its_own = parser.more(line if parser.WHOLE else short)
            if is_its_own:
                self._open = (parser,)
                if self._head:
                    self._rendering.begins()
                    self._rendering.taken(parser, self._head, len(self.report.diagnostics))
                    self._head = ""
                self._rendering.taken(parser, short, before)
                return True
            if is_its_own is False:
                self._open = tuple(other for other in self._open if other is not parser)
        return False


class _Index:
    """Holds the hints of a set of parsers in one automaton.

    `readers` has a bit mask for each hint: the parsers that want lines with it.
    """

    def __init__(self, kinds: Sequence[type[Parser]]) -> None:
        readers: dict[str, int] = dict.fromkeys(DIRECTORY_HINTS, 1)
        for number, kind in enumerate(kinds, 1):
            for hint in kind.HINTS:
                readers[hint] = readers.get(hint, 0) | 1 << number
        self.readers = list(readers.values())
        self.automaton = ahocorasick_rs.AhoCorasick(
            list(readers),
            matchkind=ahocorasick_rs.MatchKind.Standard,
            implementation=ahocorasick_rs.Implementation.DFA,
        )


@functools.lru_cache(4096)
def _bits(mask: int) -> tuple[int, ...]:
    """Returns the indexes of the bits that are set, the lowest first."""
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)


@functools.cache
def _index(kinds: tuple[type[Parser], ...]) -> _Index:
    """Returns the index of these parsers; it is costly to make, and shared by all logs."""
    return _Index(kinds)
