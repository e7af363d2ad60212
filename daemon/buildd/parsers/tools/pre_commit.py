"""Reads the checks of pre-commit-hooks, the hooks that pre-commit itself offers."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.shared.web_files import from_zero

_FILE = r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*"
_FORMS = (
    re.compile(
        _FILE + r"\.\w+): Failed to json decode \((?P<message>[^\n]+): line (?P<line>\d+) "
        r"column (?P<column>\d+) \(char \d+\)\)$"
    ),
    re.compile(_FILE + r"):(?P<line>\d+): (?P<message>Merge conflict string '[<=>]+ ?' found)$"),
    re.compile(
        _FILE + r"\.(?:toml|lock)): (?P<message>[^\n]+) "
        r"\(at line (?P<line>\d+), column (?P<column>\d+)\)$"
    ),
    # The parsers of Python and of XML count columns from 0.
    re.compile(
        _FILE + r"): Failed to xml parse \([^\n]*?:(?P<line>\d+):(?P<zero>\d+): "
        r"(?P<message>[^\n]+)\)$"
    ),
    re.compile(
        _FILE + r"\.pyi?):(?P<line>\d+):(?P<zero>\d+): "
        r"(?P<message>[\w.]+ (?:imported|called)|replace \w+\(\) with \S+)$"
    ),
    re.compile(
        _FILE + r"\.pyi?):(?P<line>\d+): (?P<message>(?:Module docstring appears after code|"
        r"Multiple module docstrings) \([^\n]*)$"
    ),
)


class Precommit(Parser):
    """Reads the checks that print one line per diagnostic. Columns count code points."""

    TOOLS = "pre-commit-hooks"
    HINTS = (
        ": Failed to json decode (",
        ": Merge conflict string ",
        ".toml: ",
        ".lock: ",
        ": Failed to xml parse (",
        " imported",
        " called",
        ": replace ",
        ": Module docstring appears after code ",
        ": Multiple module docstrings ",
    )

    def begin(self, line: str) -> bool:
        for form in _FORMS:
            if match := form.match(line):
                group = match.groupdict()
                column = group.get("column") or from_zero(group.get("zero"))
                unit = ColumnUnit.CODE_POINT
                span = self.report.span(match["file"], match["line"], column, unit=unit)
                self.add(span, Severity.ERROR, match["message"], "pre-commit")
                return True
        return False
