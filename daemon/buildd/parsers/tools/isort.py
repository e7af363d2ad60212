"""Reads `isort --check`, which checks the order of Python's imports."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import LineParser


class Isort(LineParser):
    """Reads one line per file."""

    TOOLS = "isort"
    HINTS = (" Imports are incorrectly ",)
    SOURCE = "isort"
    DEFAULT = Severity.INFORMATION
    PATTERN = re.compile(
        r"(?:ERROR: )?(?P<file>\S[^\n]*?)(?P<line>) (?P<message>Imports are incorrectly "
        r"(?:sorted and/or formatted|sorted|formatted))\.?$"
    )
