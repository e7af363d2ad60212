"""shfmt: scripts that it cannot read."""

from __future__ import annotations

import re

from buildd.parsers.base import LineParser


class Shfmt(LineParser):
    """Columns count bytes."""

    TOOLS = "shfmt"
    HINTS = (".sh:", ".bash:", ".bats:", ".ksh:", ".mksh:", ".zsh:", "<standard input>:")
    SOURCE = "shfmt"
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:sh|bash|bats|m?ksh|zsh)|<standard input>):"
        r"(?P<line>\d+):(?P<column>\d+): "
        r"(?!(?:error|warning|note|info|style|fatal|hint)\b|[A-Z]+\d+\b)(?P<message>\S.*)"
    )
