"""What the tool itself printed of each finding: the lines that its parser took, as they were."""

from __future__ import annotations

from buildd.parsers.base import Parser
from buildd.parsers.report import TEXT_LIMIT, ParseResult

LINES = 60
"""Lines of a finding that are kept."""


class Rendering:
    """Told of each line that a parser has taken; gives the findings of `report` their lines."""

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._lines: list[str] = []
        self._parser: Parser | None = None
        """Whose finding the lines are of, and which."""
        self._number = 0
        self._leading: list[str] = []
        """Lines taken before the finding that they are of."""
        self._repeats = 0
        self._is_repeat = False
        """Whether the last finding was one that is known."""

    def begins(self) -> None:
        """The next line is the first of something."""
        self._is_repeat = False

    def taken(self, parser: Parser, line: str, before: int) -> None:
        """`parser` has taken the line; `before` is how many findings there were then."""
        if parser.WHOLE:
            # Its lines are for programs.
            self.finish()
            return
        count = len(self._report.diagnostics)
        if count > before:
            leading = self._leading
            self.finish()
            self._lines = [*leading, line]
            self._parser, self._number = parser, count - 1
        elif self._report.repeats != self._repeats:
            self.finish()
            self._repeats, self._is_repeat = self._report.repeats, True
        elif parser is self._parser and parser.at == self._number:
            self._lines.append(line)
        elif not self._is_repeat:
            # As the chain of includes that comes before a finding.
            self._leading.append(line)
        del self._lines[LINES:], self._leading[LINES:]

    def finish(self) -> None:
        """No line more of the present finding. One line says no more than the message does."""
        if len(self._lines) > 1 and not self._report.diagnostics[self._number].rendered:
            text = "\n".join(self._lines)
            self._report.amend(self._number, rendered=text[:TEXT_LIMIT])
        self._lines = []
        self._leading = []
        self._parser = None
