"""Reads CodeChecker, which runs clang-tidy, clang's static analyzer and cppcheck."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from buildd.model import Severity
from buildd.parsers.base import LineParser


class Codechecker(LineParser):
    """Reads `[SEVERITY] FILE:LINE:COLUMN: … [CHECKER]`; the source and a caret follow."""

    TOOLS = "CodeChecker"
    HINTS = ("\n[CRITICAL] ", "\n[HIGH] ", "\n[MEDIUM] ", "\n[LOW] ", "\n[STYLE] ",
             "\n[UNSPECIFIED] ")  # fmt: skip
    SOURCE = "codechecker"
    KINDS: ClassVar[Mapping[str, Severity]] = {
        "critical": Severity.ERROR,
        "high": Severity.ERROR,
        "medium": Severity.WARNING,
        "low": Severity.WARNING,
        "unspecified": Severity.WARNING,
        "style": Severity.INFORMATION,
    }
    PATTERN = re.compile(
        r"\[(?P<kind>CRITICAL|HIGH|MEDIUM|LOW|STYLE|UNSPECIFIED)\] "
        r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): "
        r"(?P<message>.*) \[(?P<code>[\w.-]+)\]$"
    )
