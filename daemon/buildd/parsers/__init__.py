"""Parsers: text of one tool in, diagnostics out. Pure and total: no I/O, no exception on any text.

To add one: write a module with a class that satisfies `Parser`, and add a line to `PARSERS`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from buildd.errors import UnknownNameError
from buildd.parsers.base import Parser
from buildd.parsers.gcc import Gcc

PARSERS: dict[str, type[Parser]] = {
    "clang": Gcc,
    "gcc": Gcc,
    "ld": Gcc,
    "make": Gcc,
}
"""By the name that `parsers = […]` in a configuration uses."""


def choose(names: Sequence[str], directory: str) -> list[Parser]:
    """New parsers for one run: those named, or without names all that there are. Each is there
    once, whatever the names. Raises UnknownNameError."""
    for name in names:
        if name not in PARSERS:
            near = difflib.get_close_matches(name, PARSERS, 1)
            raise UnknownNameError(
                f"there is no parser `{name}`",
                f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(PARSERS)}.",
            )
    kinds = dict.fromkeys(PARSERS[name] for name in names or PARSERS)
    return [kind(directory) for kind in kinds]
