"""Parses the output of tools: text in, diagnostics and test results out.

Parsers are pure and total: they do no I/O and raise no exception on any text. To add one, write a
module in `tools/` with a class derived from `base.Parser`, and add a line to `registry.py`.
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
    """Returns the log that reads one run's output with the chosen parsers.

    These are the parsers named and those that `matchers` make; with neither, all parsers that can
    recognise their tool by its output. `directory` is where the command started, an absolute path
    as the tool sees it. Raises UnknownNameError if a name is not registered.
    """
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
    """Returns the parser classes of these names, each class once.

    Without names, these are all that can recognise their tool by its output. The first call imports
    them all, which takes a tenth of a second.
    """
    every = [place for name in names or PARSERS for place in PARSERS[name]]
    # A class keeps its last place: one that several tools share is more general and comes later.
    # Documents come first, because no other parser may take one of their lines.
    places = list(dict.fromkeys(reversed(every)))[::-1]
    found = sorted(map(_imported, places), key=lambda kind: not kind.WHOLE)
    return tuple(kind for kind in found if names or kind.AUTOMATIC)


def described(name: str) -> tuple[str, tuple[str, ...], bool]:
    """Describes a parser to people.

    Returns the tools that the name reads, those that have the name first; the levels that it reads
    of them, in the order of `base.LEVELS`; and whether it can recognise them by their output.
    """
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
    """Returns 0 if a tool has this name, 1 if a tool's name begins with it, else 2."""
    names = tools.lower().replace(": ", ", ").split(", ")
    if name in names:
        return 0
    return 1 if any(tool.startswith(name) for tool in names) else 2


def _imported(place: str) -> type[Parser]:
    """Imports a parser class from its entry in the registry, `module:Class`."""
    module, _, attribute = place.partition(":")
    folder = "buildd.parsers" if module == "documents" else "buildd.parsers.tools"
    found: type[Parser] = getattr(importlib.import_module(f"{folder}.{module}"), attribute)
    return found
