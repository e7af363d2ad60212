"""Reads configure and config.status, and autoconf, automake and aclocal, which generate them."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_CONFIGURE = re.compile(
    # The name of the last check may come first, on the same line.
    r"(?:checking [^\n]*?\.\.\. )?(?:\S*/)?(?P<tool>configure|config\.status): "
    r"(?P<kind>error|WARNING): ?(?P<message>.*)"
)
_PLACED = re.compile(
    r"(?P<file>(?:\S*/)?(?:configure\.(?:ac|in)|Makefile\.am|[\w.-]+\.(?:am|m4)))"
    r"(?::(?P<line>\d+))?: (?P<kind>error|warning): (?P<message>.*)"
)
_ALONE = re.compile(
    r"(?P<tool>autoreconf|automake|aclocal|autoconf|autoheader|autom4te|libtoolize|autopoint)"
    r"(?:-[\d.]+)?: (?P<kind>error|warning): (?P<message>.*)"
)
_FOLLOW = re.compile(
    r"(?P<file>\S+):(?P<line>\d+): (?:(?P<message>\S+ is expanded from\.\.\.|the top level)"
    r"|(?P<more>\S.*))$"
)
_KINDS = {"error": Severity.ERROR, "warning": Severity.WARNING, "WARNING": Severity.WARNING}


class Autotools(Parser):
    """Reads messages that name a file, by autoconf and its relatives, or none, by configure."""

    TOOLS = "configure, config.status, autoconf, automake, aclocal"
    HINTS = (
        "configure: error:",
        "configure: WARNING:",
        "config.status: error:",
        "config.status: WARNING:",
        "configure.ac:",
        "configure.in:",
        ".am:",
        ".m4:",
        "autoreconf: ",
        "automake: ",
        "aclocal: ",
        "autoconf: ",
        "autoheader: ",
        "autom4te: ",
        "libtoolize: ",
        "autopoint: ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._part = ""
        self._file = ""
        self._has_more = False
        """Whether configure's message has more than one line so far."""
        self._is_closed = False
        """Whether only indented lines can continue the message."""

    def begin(self, line: str) -> bool:
        self._part = ""
        if match := _CONFIGURE.match(line):
            return self._configure(match)
        if match := _PLACED.match(line):
            span = self.report.span(match["file"], match["line"])
            source = "automake" if match["file"].endswith(".am") else "autoconf"
            self.add(span, _KINDS[match["kind"]], match["message"], source)
            self._part, self._file = "placed", match["file"]
            return True
        match = _ALONE.match(line)
        # The tool that calls another repeats that it failed.
        if not match:
            return False
        if "failed with exit status" not in match["message"]:
            self.add(NOWHERE, _KINDS[match["kind"]], match["message"], match["tool"])
            self._part, self._file = "alone", match["tool"]
        return True

    def more(self, line: str) -> bool | None:
        if self._part == "configure":
            # The project words the message: it is indented, or ends where help is named.
            if line.startswith(("See ", "Consider ", "configure:")) or (
                not line.startswith((" ", "\t")) and self._is_closed
            ):
                return False
            if not line.strip():
                self._is_closed = self._has_more
                return not self._is_closed
            is_indented = line.startswith((" ", "\t"))
            self._is_closed = self._is_closed or is_indented
            self._has_more = True
            self.lengthen(line)
            return True
        if self._part == "box":
            if line.startswith("*") and (text := line.strip("* \t")):
                self.lengthen(text)
            return line.startswith("*")
        if self._part == "alone":
            if not line.startswith(f"{self._file}: ") or _ALONE.match(line):
                return False
            self.lengthen(line.removeprefix(f"{self._file}: "))
            return True
        return self._part == "placed" and self._more_placed(line)

    def _more_placed(self, line: str) -> bool:
        if line.startswith("      "):
            self.lengthen(line.strip())
            return True
        match = _FOLLOW.match(line)
        if not match or _PLACED.match(line) or ": installing " in line:
            return False
        if match["message"]:
            self.note(self.report.span(match["file"], match["line"]), match["message"])
        elif match["file"] == self._file:
            self.lengthen(match["more"])
        else:
            return False
        return True

    def _configure(self, match: re.Match[str]) -> bool:
        message = match["message"]
        if match["kind"] == "error" and re.match(r"in [`'‘].*['’]:$", message):
            # The next line is the error itself.
            return True
        self.add(NOWHERE, _KINDS[match["kind"]], message, match["tool"])
        if match["kind"] == "error":
            self._part = "configure"
            self._has_more = False
            self._is_closed = not message.endswith(":") and bool(message)
        elif not message:
            # Some projects draw a box of asterisks around the message.
            self._part = "box"
        return True
