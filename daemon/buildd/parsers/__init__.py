"""Parsers: text of one tool in, diagnostics out. Pure and total: no I/O, no exception on any text.

To add one: write a module in `tools/` with a class derived from `base.Parser`, and add a line to
`registry.py`.
"""

from __future__ import annotations

import difflib
import functools
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from buildd.errors import UnknownNameError
from buildd.parsers.registry import PARSERS

if TYPE_CHECKING:
    from buildd.parsers.base import Parser
    from buildd.parsers.log import Log
    from buildd.parsers.report import ParseResult


def choose(
    names: Sequence[str], directory: str, matchers: Sequence[Callable[[ParseResult], Parser]] = ()
) -> Log:
    """The reading of one log by the parsers named and by what `matchers` make; with neither, by
    all parsers that can be chosen by the output. Raises UnknownNameError."""
    from buildd.parsers.log import Log

    for name in names:
        if name not in PARSERS:
            near = difflib.get_close_matches(name, PARSERS, 1)
            raise UnknownNameError(
                f"there is no parser `{name}`",
                f"Did you mean `{near[0]}`?" if near else "`buildd parse --list` names them.",
            )
    return Log(() if matchers and not names else kinds(tuple(names)), directory, matchers)


@functools.cache
def kinds(names: tuple[str, ...] = ()) -> tuple[type[Parser], ...]:
    """The parsers of these names, each once; without names, those that are chosen by the output.
    The first call imports them all, which takes a tenth of a second."""
    every = [place for name in names or PARSERS for place in PARSERS[name]]
    # At its last place: what several tools share is the more general one. Documents are first,
    # for nobody else may take a line of theirs.
    places = list(dict.fromkeys(reversed(every)))[::-1]
    found = sorted(map(_imported, places), key=lambda one: not one.WHOLE)
    return tuple(one for one in found if names or one.AUTOMATIC)


def described(name: str) -> tuple[str, tuple[str, ...], bool]:
    """For people: the tools that a name reads, what it can read of them, and whether it is chosen
    by the output."""
    found = kinds((name,))
    # Documents come first, and are of all tools.
    first = min(found, key=lambda one: one.WHOLE)
    levels = tuple(dict.fromkeys(level for one in found for level in one.LEVEL))
    return first.TOOLS, levels, first.AUTOMATIC


def _imported(place: str) -> type[Parser]:
    module, _, attribute = place.partition(":")
    folder = "buildd.parsers" if module == "documents" else "buildd.parsers.tools"
    found: type[Parser] = getattr(importlib.import_module(f"{folder}.{module}"), attribute)
    return found
