"""Dockerfiles as text: which line each instruction begins on. Pure."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)", re.IGNORECASE)


def instruction_lines(text: str) -> list[int]:
    """The 1-based line on which each instruction begins, in order, as the engine counts steps."""
    found: list[int] = []
    escape = "\\"
    continued = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not found and not continued and (directive := _ESCAPE.match(stripped)):
            escape = directive[1]
        if not stripped or stripped.startswith("#"):
            continue  # comments and blank lines do not end a continued instruction
        if not continued:
            found.append(number)
        continued = stripped.endswith(escape)
    return found
