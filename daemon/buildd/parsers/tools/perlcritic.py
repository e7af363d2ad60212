"""Reads Perl::Critic, a linter for Perl."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser


class Perlcritic(LineParser):
    """Reads one line per diagnostic, with the file name if there are several files.

    Severity 5 is the worst.
    """

    TOOLS = "perlcritic"
    HINTS = ("(Severity: ",)
    SOURCE = "perlcritic"
    UNIT = ColumnUnit.CODE_POINT
    PATTERN = re.compile(
        r"(?:(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*): )?(?P<message>\S.*?) at line "
        r"(?P<line>\d+), "
        r"column (?P<column>\d+)\.  .*\(Severity: (?P<kind>[1-5])\)$"
    )
    KINDS: ClassVar[Mapping[str, Severity]] = {
        "5": Severity.ERROR,
        "4": Severity.WARNING,
        "3": Severity.WARNING,
        "2": Severity.INFORMATION,
        "1": Severity.INFORMATION,
    }
