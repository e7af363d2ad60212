"""Reads flake8, pycodestyle, pyflakes, and ruff's concise format."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, path

_EXCERPT = re.compile(r" *\d* +\|(?: *(?P<marks>\^+) [A-Z]+\d+$| |$)|  = help: ")
_KINDS = {"E": Severity.ERROR, "F": Severity.ERROR, "I": Severity.INFORMATION}
"""Severities by the first letter of the code; all others are warnings."""


class Flake8(LineParser):
    """Reads one line per diagnostic. Columns count code points."""

    TOOLS = "flake8, pycodestyle, ruff check (concise)"
    HINTS = (".py:", ".pyi:", ".ipynb:")
    SOURCE = "flake8"
    UNIT = ColumnUnit.CODE_POINT
    PATTERN = re.compile(
        path("py", "pyi", "ipynb") + r":(?:cell \d+:)?(?P<line>\d+):(?P<column>\d+):? "
        r"(?P<code>[A-Z]{1,5}\d{2,5}(?= |:)|invalid-syntax(?=: ))(?P<fix> \[\*\])?:? "
        r"(?P<message>\S.*)"
    )

    def source(self, group: Mapping[str, str | None]) -> str:
        return "ruff" if group.get("fix") or group["code"] == "invalid-syntax" else self.SOURCE

    def more(self, line: str) -> bool:
        """Returns whether the line is part of the source that ruff before 0.10 prints.

        Marks in the source may be there, and a help text.
        """
        match = _EXCERPT.match(line)
        if match and match["marks"] and self.at is not None:
            diagnostic = self.report.diagnostics[self.at]
            code, span = diagnostic.code, diagnostic.span
            if span.column and span.end_column is None:
                span = msgspec.structs.replace(span, end_column=span.column + len(match["marks"]))
            href = f"https://docs.astral.sh/ruff/rules/{code}" if code != "invalid-syntax" else ""
            self.report.amend(self.at, span=span, source="ruff", href=href)
        return match is not None

    def severity(self, group: Mapping[str, str | None]) -> Severity:
        code = group["code"] or ""
        return (
            Severity.ERROR if code == "invalid-syntax" else _KINDS.get(code[:1], Severity.WARNING)
        )


class Flake8Pylint(Flake8):
    """Reads --format=pylint of flake8 and ruff, which has no column."""

    TOOLS = "flake8 and ruff check --output-format=pylint"
    PATTERN = re.compile(
        path("py", "pyi", "ipynb")
        + r":(?P<line>\d+): \[(?P<code>[A-Z]{1,5}\d{2,5}|invalid-syntax)\] (?P<message>\S.*)"
    )


_WORDS = (
    r"[^\n]* imported but unused(?:; consider .*)?|redefinition of unused |"
    r"(?:undefined|duplicate) (?:name|local|argument)\b|import '.*' from line \d+ shadowed |"
    r"local variable '.*' (?:is (?:annotated|assigned to) but never used|.* referenced before)|"
    r"'from .* import \*' |'.*' may be undefined|.* may be undefined, or defined from star |"
    r"unable to detect undefined names|f-string is missing placeholders|'\.\.\.'|"
    r"dictionary key .* repeated|'raise NotImplemented' should be|use ==/!= to compare |"
    r"assertion is always true|'(?:return|yield)' outside function|'continue' not properly in |"
    r"'break' outside loop|an 'except:' block as not the last|default 'except:' must be last|"
    r"too many expressions in star-unpacking|two starred expressions|future feature not defined|"
    r"list comprehension redefines |from __future__ imports must occur |if test is a tuple|"
    r"use of >> is invalid |"
    r"(?:invalid syntax|unexpected (?:indent|EOF)|unindent does not match|expected ').*|"
    r"`.*` is unused: |t-string is missing placeholders"
)
"""The messages of pyflakes, because nothing else tells its lines from other tools' lines."""


class Pyflakes(LineParser):
    """Reads lines without a code, since pyflakes 2.2 with a column, which counts bytes."""

    TOOLS = "pyflakes"
    HINTS = (".py:",)
    SOURCE = "pyflakes"
    UNIT = ColumnUnit.BYTE
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        path("py") + rf":(?P<line>\d+):(?:(?P<column>\d+):?)? (?P<message>(?:{_WORDS}).*)"
    )


class PyflakesAny(Pyflakes):
    """Reads lines of pyflakes with any message."""

    AUTOMATIC = False
    PATTERN = re.compile(path("py") + r":(?P<line>\d+):(?:(?P<column>\d+):?)? (?P<message>\S.*)")
