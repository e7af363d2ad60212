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
    """For people: the tools that a name reads, what is read of them (some of LEVELS), and whether
    any of its parsers is chosen by the output. The tools that have the name come first."""
    from buildd.parsers.base import LEVELS

    found = [_imported(place) for place in PARSERS[name]]
    # Documents are of all tools: beside a tool's own parsers, `structured` stands for them.
    shown = [kind for kind in found if not kind.WHOLE] or found
    automatic = {kind.TOOLS for kind in shown if kind.AUTOMATIC}
    tools = dict.fromkeys(
        kind.TOOLS if kind.TOOLS in automatic else f"{kind.TOOLS}, only when named"
        for kind in sorted(shown, key=lambda kind: _distance(name, kind.TOOLS))
    )
    read = {level for kind in found for level in kind.LEVEL}
    return "; ".join(tools), tuple(filter(read.__contains__, LEVELS)), bool(automatic)


def _distance(name: str, tools: str) -> int:
    """0 where one of the tools has this name, 1 where one's begins with it, else 2."""
    names = tools.lower().replace(": ", ", ").split(", ")
    if name in names:
        return 0
    return 1 if any(tool.startswith(name) for tool in names) else 2


def _imported(place: str) -> type[Parser]:
    module, _, attribute = place.partition(":")
    folder = "buildd.parsers" if module == "documents" else "buildd.parsers.tools"
    found: type[Parser] = getattr(importlib.import_module(f"{folder}.{module}"), attribute)
    return found
