"""flake8, pycodestyle, pyflakes, and ruff's concise form."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, path

_EXCERPT = re.compile(r" *\d* +\|(?: *(?P<marks>\^+) [A-Z]+\d+$| |$)|  = help: ")
_KINDS = {"E": Severity.ERROR, "F": Severity.ERROR, "I": Severity.INFORMATION}
"""As the first letter of a code says; all others are warnings."""


class Flake8(LineParser):
    """A line each."""

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
        """ruff before 0.10 shows the source, with marks and perhaps a help."""
        match = _EXCERPT.match(line)
        if match and match["marks"] and self.at is not None:
            one = self.report.diagnostics[self.at]
            code, span = one.code, one.span
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
    """--format=pylint, as flake8 and ruff have it: without a column."""

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
"""What pyflakes says, for it says nothing else that tells its lines from another tool's."""


class Pyflakes(LineParser):
    """No code; with a column since 2.2."""

    TOOLS = "pyflakes"
    HINTS = (".py:",)
    SOURCE = "pyflakes"
    UNIT = ColumnUnit.BYTE
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        path("py") + rf":(?P<line>\d+):(?:(?P<column>\d+):?)? (?P<message>(?:{_WORDS}).*)"
    )


class PyflakesAny(Pyflakes):
    """Whatever it says."""

    AUTOMATIC = False
    PATTERN = re.compile(path("py") + r":(?P<line>\d+):(?:(?P<column>\d+):?)? (?P<message>\S.*)")
