"""isort --check."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import LineParser


class Isort(LineParser):
    """A line each, for a whole file."""

    TOOLS = "isort"
    HINTS = (" Imports are incorrectly ",)
    SOURCE = "isort"
    DEFAULT = Severity.INFORMATION
    PATTERN = re.compile(
        r"(?:ERROR: )?(?P<file>\S[^\n]*?)(?P<line>) (?P<message>Imports are incorrectly "
        r"(?:sorted and/or formatted|sorted|formatted))\.?$"
    )
