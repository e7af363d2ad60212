"""Reads pylint."""

from __future__ import annotations

import re
from collections.abc import Mapping

from buildd.model import Severity
from buildd.parsers.base import Parser, path
from buildd.parsers.report import ParseResult

_NAME = r"\((?P<name>[a-z][a-z0-9-]+)\)"
_LINE = re.compile(
    path("py", "pyi")
    + rf":(?P<line>\d+):(?P<column>\d+): (?P<code>[CRWEFI]\d{{4}}): (?P<message>.*?)(?: {_NAME})?$"
)
_NAME_FIRST = re.compile(
    path("py", "pyi")
    + rf":(?P<line>\d+):(?P<column>\d+): (?P<code>[CRWEFI]\d{{4}}) {_NAME} (?P<message>.*)"
)
_PARSEABLE = re.compile(
    path("py", "pyi")
    + rf"(?:(?::[A-Za-z_][\w.]*)?:(?P<line>\d+):(?:(?P<column>\d+):)?|\((?P<line2>\d+)\):) "
    rf"\[(?P<code>[CRWEFI](?:\d{{4}})?)(?:{_NAME}(?:, ?)?|, ?|(?=\]))[^\]]*\] (?P<message>.*)"
)
_MODULE = re.compile(r"\*{13} Module (?P<name>[\w.]+)$")
_OF_MODULE = re.compile(
    rf"(?P<kind>[CRWEFI]): *(?P<line>\d+), *(?P<column>\d+): (?P<message>.*?)(?: {_NAME})?$"
)
_SIMILAR = re.compile(r"==(?P<module>[\w.]+):\[(?P<line>\d+):\d+\]$")
_LAST = re.compile(rf"(?P<text>.*) {_NAME}$")
_KINDS: Mapping[str, Severity] = {
    "F": Severity.ERROR,
    "E": Severity.ERROR,
    "W": Severity.WARNING,
    "C": Severity.INFORMATION,
    "R": Severity.INFORMATION,
    "I": Severity.INFORMATION,
}
_GROUPS = {
    "F": "fatal",
    "E": "error",
    "W": "warning",
    "C": "convention",
    "R": "refactor",
    "I": "information",
}
_LIMIT = 500
"""The most lines of code that two files have in common."""


class Pylint(Parser):
    """Reads one line per diagnostic. Columns count from 0.

    Before pylint 2, a heading names the module, and the lines below it name no file.
    """

    TOOLS = "pylint"
    HINTS = (
        *(f": {letter}{digit}" for letter in _KINDS for digit in range(10)),
        *(f": [{letter}{more}" for letter in _KINDS for more in "0123456789]"),
        "\n************* Module ",
        *(f"\n{letter}:" for letter in _KINDS),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._module = ""
        self._similar = 0
        """The number of lines read of code that files have in common; 0 outside of that."""

    def begin(self, line: str) -> bool:
        self._similar = 0
        if match := _MODULE.match(line):
            self._module = match["name"]
            return True
        if match := _LINE.match(line) or _NAME_FIRST.match(line) or _PARSEABLE.match(line):
            self._found(match["file"], match, match["code"])
            return True
        if self._module and (match := _OF_MODULE.match(line)):
            self._found(f"{self._module.replace('.', '/')}.py", match, match["kind"])
            return True
        return False

    def more(self, line: str) -> bool:
        """Returns whether the line belongs to a message about similar lines.

        These are the places, the code, and after its last line the name of the message.
        """
        if not self._similar:
            return False
        self._similar += 1
        if match := _SIMILAR.match(line):
            file = f"{match['module'].replace('.', '/')}.py"
            number = match["line"]
            line_number = int(number) + 1 if len(number) < 9 else 1
            self.note(self.report.span(file, line_number), "similar lines")
            return True
        if _MODULE.match(line) or _LINE.match(line) or self._similar > _LIMIT:
            return False
        match = _LAST.match(line)
        if match and match["name"] == "duplicate-code":
            self._similar = 0
            if self.at is not None:
                name = match["name"]
                self.report.amend(self.at, code=name, href=_href("R", name))
        return True

    def _found(self, file: str, match: re.Match[str], code: str) -> None:
        group = match.groupdict()
        column = group.get("column")
        span = self.report.span(
            file,
            match["line"] or group.get("line2"),
            int(column) + 1 if column and len(column) < 9 else None,
        )
        name, message = match["name"] or "", match["message"]
        if not name and (last := _LAST.match(message)):
            message, name = last["text"], last["name"]
        self.at = self.report.add(
            span,
            _KINDS[code[0]],
            message,
            "pylint",
            name or (code if len(code) > 1 else ""),
            href=_href(code[0], name),
        )
        self._similar = 1 if message.startswith("Similar lines in ") and not name else 0


def _href(group: str, name: str) -> str:
    page = "https://pylint.readthedocs.io/en/stable/user_guide/messages"
    return f"{page}/{_GROUPS[group]}/{name}.html" if name else ""
