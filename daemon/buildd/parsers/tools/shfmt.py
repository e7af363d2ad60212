"""Reads shfmt, a formatter for shell scripts, when it cannot parse a script."""

from __future__ import annotations

import re

from buildd.parsers.base import LineParser


class Shfmt(LineParser):
    """Reads one line per diagnostic. Columns count bytes."""

    TOOLS = "shfmt"
    HINTS = (".sh:", ".bash:", ".bats:", ".ksh:", ".mksh:", ".zsh:", "<standard input>:")
    SOURCE = "shfmt"
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:sh|bash|bats|m?ksh|zsh)|<standard input>):"
        r"(?P<line>\d+):(?P<column>\d+): "
        r"(?!(?:error|warning|note|info|style|fatal|hint)\b|[A-Z]+\d+\b)(?P<message>\S.*)"
    )
