"""Parsers: text of one tool in, diagnostics out. Pure and total: no I/O, no exception on any text.

To add one: write a module with a class derived from `base.Parser`, and add a line to `PARSERS`.
"""

from __future__ import annotations

import difflib
import functools
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildd.errors import UnknownNameError

if TYPE_CHECKING:
    from buildd.parsers.base import Parser
    from buildd.parsers.log import Log

PARSERS: dict[str, tuple[str, ...]] = {
    "make": ("make:Make",),
    "ld": ("linker:Linker",),
    "gcc": ("gcc:Gcc", "linker:Linker", "make:Make"),
    "clang": ("gcc:Gcc", "linker:Linker", "make:Make"),
}
"""By the name that `parsers = […]` in a configuration uses: each class, and the module it is in.
Where none are named, the first may claim a line first."""


def choose(names: Sequence[str], directory: str) -> Log:
    """The reading of one log by the parsers named, or without names by all that can be chosen by
    the output. Raises UnknownNameError."""
    from buildd.parsers.log import Log

    for name in names:
        if name not in PARSERS:
            near = difflib.get_close_matches(name, PARSERS, 1)
            raise UnknownNameError(
                f"there is no parser `{name}`",
                f"Did you mean `{near[0]}`?" if near else "`buildd parse --list` names them.",
            )
    return Log(kinds(tuple(names)), directory)


@functools.cache
def kinds(names: tuple[str, ...] = ()) -> tuple[type[Parser], ...]:
    """The parsers of these names, each once; without names, those that are chosen by the output.
    The first call imports them all, which takes a tenth of a second."""
    places = dict.fromkeys(place for name in names or PARSERS for place in PARSERS[name])
    found = map(_imported, places)
    return tuple(one for one in found if names or one.AUTOMATIC)


def _imported(place: str) -> type[Parser]:
    module, _, attribute = place.partition(":")
    found: type[Parser] = getattr(importlib.import_module(f"buildd.parsers.{module}"), attribute)
    return found
