"""Reads markdownlint-cli, markdownlint-cli2, PyMarkdown and mdl, linters for Markdown."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser


class Markdownlint(LineParser):
    """Reads one line per diagnostic; the rule's aliases follow its number or the message."""

    TOOLS = "markdownlint-cli, markdownlint-cli2, PyMarkdown, mdl"
    HINTS = (" MD0", " MD1", " PML", " PLUGIN")
    SOURCE = "markdownlint"
    UNIT = ColumnUnit.UTF16
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*?): ?(?P<line>\d+)(?::(?P<column>\d+))?:? "
        r"(?:(?P<kind>error|warning) )?(?P<code>(?:MD|PML)\d{3})(?:/[\w/-]+)?:? (?P<message>\S.*)"
    )
