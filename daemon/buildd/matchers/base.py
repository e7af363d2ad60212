"""What all matchers share: they see every line, and a slow pattern of theirs is given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import regex

from buildd.errors import BuilddError
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

LINE_LIMIT = 2000
"""Characters of a line that a user's pattern sees."""

MESSAGE_LIMIT = 4096
"""Characters to which a message may grow."""

RENDERED_LINES = 60
"""Lines of a finding that are kept as the tool printed them."""

TIMEOUT = 0.25
"""Seconds that one pattern may take for one line; a good one takes some millionths."""

PATIENCE = 4
"""How often a matcher's patterns may take longer before it reads no more of the log."""

Exists = Callable[[str], bool]
"""Whether there is a file or directory of that name, as the tool named it or absolute."""

Factory = Callable[[ParseResult], Parser]
"""What makes the matcher of one log."""


class MatcherError(BuilddError, ValueError):
    """A definition that no matcher can be made of; the message names what in it is wrong."""


class Matcher(Parser):
    """A parser that is offered every line; `begin` may be called for each, without `more`."""

    TOOLS: ClassVar[str] = "whatever a pattern of your own describes"
    HINTS: ClassVar[tuple[str, ...]] = ()
    AUTOMATIC: ClassVar[bool] = False

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self.base = report.resolve(".")
        """Where the command was started."""
        self.patience = PATIENCE

    @property
    def is_given_up(self) -> bool:
        """Whether its patterns took too long, so that it reads no more."""
        return self.patience <= 0

    def search(self, pattern: regex.Pattern[str], line: str) -> regex.Match[str] | None:
        """The pattern's first match; none where it takes too long."""
        if self.patience <= 0:
            return None
        try:
            return pattern.search(line, timeout=TIMEOUT)
        except TimeoutError:
            # Python's own `re` could not be stopped here, and would hold up all of the daemon.
            self.patience -= 1
            return None


def compiled(pattern: str, flags: int, where: str) -> regex.Pattern[str]:
    """A translated pattern. Raises MatcherError, which names `where` it stands."""
    try:
        return regex.compile(pattern, flags | regex.VERSION0)
    except (regex.error, OverflowError, RecursionError) as error:
        raise MatcherError(
            f"{where}: the pattern is not valid: {error}", "Mend the pattern."
        ) from None
