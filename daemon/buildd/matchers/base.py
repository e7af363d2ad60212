"""Defines what all matchers share: they see every line, and give up if a pattern is too slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import regex

from buildd.errors import BuilddError
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

LINE_LIMIT = 2000
"""The most characters of a line that a user's pattern sees."""

MESSAGE_LIMIT = 4096
"""The most characters that a message may grow to."""

RENDERED_LINES = 60
"""The most lines of a diagnostic that are kept as the tool printed them."""

TIMEOUT = 0.25
"""The seconds that one pattern may take for one line; a good one takes microseconds."""

TIMEOUT_LIMIT = 4
"""The number of timeouts after which a matcher reads no more of the log."""

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
        self.timeouts_left = TIMEOUT_LIMIT

    @property
    def is_given_up(self) -> bool:
        """Returns whether its patterns took too long, so that it reads no more."""
        return self.timeouts_left <= 0

    def search(self, pattern: regex.Pattern[str], line: str) -> regex.Match[str] | None:
        """Returns the first match of the pattern; None if there is none or it takes too long."""
        if self.timeouts_left <= 0:
            return None
        try:
            return pattern.search(line, timeout=TIMEOUT)
        except TimeoutError:
            # Python's own `re` cannot be stopped, and would block the whole daemon.
            self.timeouts_left -= 1
            return None


def compiled(pattern: str, flags: int, where: str) -> regex.Pattern[str]:
    """Compiles a translated pattern. Raises MatcherError, which names `where` it stands."""
    try:
        return regex.compile(pattern, flags | regex.VERSION0)
    except (regex.error, OverflowError, RecursionError) as error:
        raise MatcherError(
            f"{where}: the pattern is not valid: {error}", "Mend the pattern."
        ) from None
