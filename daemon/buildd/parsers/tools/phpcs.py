"""Reads PHP_CodeSniffer."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit
from buildd.parsers.base import SEVERITIES, LineParser, Parser

_ROW = re.compile(r" *(?P<line>\d+) \| (?P<kind>ERROR|WARNING) +\| (?:\[[ x]\] )?(?P<message>.*)")
_REST = re.compile(r" +\| +\| {1,5}(?P<message>\S.*)")
_CODE = re.compile(r"^(?P<message>.*?) ?\((?P<code>[A-Z]\w*(?:\.\w+){2,})\)$", re.DOTALL)


class Phpcs(Parser):
    """Reads a table for each file, with messages that are wrapped to its width."""

    TOOLS = "PHP_CodeSniffer"
    HINTS = ("\nFILE: ",)
    _file = ""

    def begin(self, line: str) -> bool:
        self._close()
        self._file = line.removeprefix("FILE: ").strip()
        self._rows = 0
        return line.startswith("FILE: ") and bool(self._file)

    def more(self, line: str) -> bool | None:
        if match := _ROW.match(line):
            self._close()
            span = self.report.span(self._file, match["line"])
            self.add(span, SEVERITIES[match["kind"].lower()], match["message"], "phpcs")
        elif match := _REST.match(line):
            if self.at is not None:
                message = f"{self.report.diagnostics[self.at].message} {match['message']}"
                self.report.amend(self.at, message=message)
        elif line.startswith("FILE: "):
            return False
        elif line and not line.startswith(("---", "FOUND ", "PHPCBF ")):
            self._close()
            return False
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        """Splits the name of the sniff from the message, which ends with it if -s was given."""
        if self.at is None:
            return
        if match := _CODE.match(self.report.diagnostics[self.at].message):
            self.report.amend(self.at, message=match["message"], code=match["code"])
        self.at = None


class PhpcsEmacs(LineParser):
    """Reads --report=emacs, one line per diagnostic."""

    TOOLS = "PHP_CodeSniffer --report=emacs"
    HINTS = (": error - ", ": warning - ")
    SOURCE = "phpcs"
    UNIT = ColumnUnit.CODE_POINT
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.\w+):(?P<line>\d+):(?P<column>\d+): "
        r"(?P<kind>error|warning) - (?P<message>.*?)(?: \((?P<code>[A-Z]\w*(?:\.\w+){2,})\))?$"
    )


class PhpcsCsv(LineParser):
    """Reads --report=csv, one row per diagnostic."""

    TOOLS = "PHP_CodeSniffer --report=csv"
    HINTS = (",error,", ",warning,")
    SOURCE = "phpcs"
    UNIT = ColumnUnit.CODE_POINT
    PATTERN = re.compile(
        r'"(?P<file>[^"\n]+)",(?P<line>\d+),(?P<column>\d+),(?P<kind>error|warning),'
        r'"(?P<message>[^\n]*)",(?P<code>[\w.]+),\d+,[01]$'
    )
