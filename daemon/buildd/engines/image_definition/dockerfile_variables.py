"""This module expands `$NAME`, `${NAME:-word}`, quotes and escapes in a Dockerfile's arguments.

Everything here is pure. Source: "Environment replacement" of the Dockerfile reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


class UnknownVariableError(ValueError):
    """A variable's value is unknown, because the base image or the engine sets it."""


_PIECE = re.compile(
    r"""'(?P<literal>[^']*)'
    |\$(?P<name>[A-Za-z_]\w*)
    |\$\{(?P<braced>[A-Za-z_]\w*)(?:(?P<kind>:?[-+])(?P<word>[^}$]*))?\}
    |(?P<other>\$.?)""",
    re.VERBOSE,
)


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """Return `word` as the engine expands it.

    Raises UnknownVariableError if a variable is not in `values`.
    """
    expanded: list[str] = []
    index = 0
    quoted = False
    while index < len(word):
        character = word[index]
        if character == '"':
            quoted = not quoted
            index += 1
        elif character == escape and index + 1 < len(word):
            expanded.append(word[index + 1])
            index += 2
        elif (character == "$" or (character == "'" and not quoted)) and (
            piece := _PIECE.match(word, index)
        ):
            expanded.append(_value(piece, values))
            index = piece.end()
        else:
            expanded.append(character)
            index += 1
    return "".join(expanded)


def _value(piece: re.Match[str], values: Mapping[str, str]) -> str:
    if piece["literal"] is not None:
        return piece["literal"]
    name = piece["name"] or piece["braced"]
    if not name:
        raise UnknownVariableError(piece[0])
    if name not in values:
        # A base image may set it, so even `${NAME:-word}` is unknown.
        raise UnknownVariableError(name)
    value, kind = values[name], piece["kind"] or ""
    is_set = bool(value) or not kind.startswith(":")
    if kind.endswith("-"):
        return value if is_set else piece["word"]
    if kind.endswith("+"):
        return piece["word"] if is_set else ""
    return value
