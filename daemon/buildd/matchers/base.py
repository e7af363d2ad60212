"""Defines what all matchers share: they see every line, and give up if a pattern is too slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

import regex

from buildd.errors import BuilddError
from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

LINE_LIMIT = 2000
"""The most characters of a line that a user's pattern sees."""

MESSAGE_LIMIT = 4096
"""The most characters that a message may grow to."""

RENDERED_LINES = 60
"""The most lines of a diagnostic that are kept as the tool printed them."""

TIMEOUT = 0.25
"""The seconds that one pattern may take for one line; a good one takes microseconds."""

PATIENCE = 0.5
"""The seconds that a matcher may take for a log, besides those for each line."""

LINE_PATIENCE = 100e-6
"""The seconds that a matcher may take for each line of a log, on average."""

SHOWN = 200
"""The most characters of a pattern that a message shows."""

Exists = Callable[[str], bool]
"""Returns whether there is a file or directory of that name, absolute or as the tool named it."""

Factory = Callable[[ParseResult], Parser]
"""Makes the matcher of one log."""


class MatcherError(BuilddError, ValueError):
    """A definition is not valid; the message names what in it is wrong."""


class Matcher(Parser):
    """Reads one log with a user's pattern.

    It is offered every line: `begin` may be called for each, and `more` is never called.
    """

    TOOLS: ClassVar[str] = "whatever a pattern of your own describes"
    HINTS: ClassVar[tuple[str, ...]] = ()
    AUTOMATIC: ClassVar[bool] = False

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self.base = report.resolve(".")
        """The directory in which the command started."""
        self._patience = PATIENCE

    @property
    def is_given_up(self) -> bool:
        """Returns whether its patterns took too long, so that it reads no more."""
        return self._patience < 0

    def reads_line(self) -> bool:
        """Returns whether the next line is read; to be called once for each."""
        if self.is_given_up:
            return False
        self._patience += LINE_PATIENCE
        return True

    def search(self, pattern: regex.Pattern[str], line: str) -> regex.Match[str] | None:
        """Returns the first match of the pattern; None if there is none or it takes too long."""
        if self.is_given_up:
            return None
        begin = time.perf_counter()
        try:
            # Python's own `re` cannot be stopped, and keeps all other threads from running.
            return pattern.search(line, timeout=TIMEOUT, concurrent=True)
        except TimeoutError:
            return None
        finally:
            self._patience -= time.perf_counter() - begin
            if self._patience < 0:
                self._say_so(pattern)

    def _say_so(self, pattern: regex.Pattern[str]) -> None:
        """Reports that the matcher gives up."""
        self.report.add(
            NOWHERE,
            Severity.WARNING,
            "a pattern of yours takes too long, and is not used for the rest of the output: "
            f"{pattern.pattern[:SHOWN]}",
            "buildd",
        )


def compiled(pattern: str, flags: int, where: str) -> regex.Pattern[str]:
    """Compiles a translated pattern. Raises MatcherError, which names `where` it stands."""
    try:
        return regex.compile(pattern, flags | regex.VERSION0)
    except (regex.error, OverflowError, RecursionError) as error:
        raise MatcherError(
            f"{where}: the pattern is not valid: {error}", "Mend the pattern."
        ) from None
