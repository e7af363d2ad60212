"""flake8, pycodestyle, pyflakes, and ruff's concise form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, path

_KINDS = {"E": Severity.ERROR, "F": Severity.ERROR, "I": Severity.INFORMATION}
"""As the first letter of a code says; all others are warnings."""


class Flake8(LineParser):
    """A line each."""

    TOOLS = "flake8, pycodestyle, ruff check (concise)"
    HINTS = (".py:", ".pyi:", ".ipynb:")
    SOURCE = "flake8"
    UNIT = ColumnUnit.CODE_POINT
    PATTERN = re.compile(
        path("py", "pyi", "ipynb")
        + r":(?:cell \d+:)?(?P<line>\d+):(?P<column>\d+):? (?P<code>[A-Z]{1,4}\d{2,4})"
        r"(?: \[\*\])?:? (?P<message>\S.*)"
    )

    def severity(self, group: Mapping[str, str | None]) -> Severity:
        return _KINDS.get((group["code"] or "")[:1], Severity.WARNING)


class Pyflakes(LineParser):
    """No code; with a column since 2.2."""

    TOOLS = "pyflakes"
    AUTOMATIC = False
    HINTS = (".py:",)
    SOURCE = "pyflakes"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(path("py") + r":(?P<line>\d+):(?:(?P<column>\d+):?)? (?P<message>\S.*)")
