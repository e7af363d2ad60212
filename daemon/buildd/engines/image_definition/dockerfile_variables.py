"""Variables in a Dockerfile's arguments: `$NAME`, `${NAME:-word}`, quotes and escapes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping


class UnknownVariableError(ValueError):
    """What it expands to is decided elsewhere: by the base image, or by the engine."""


_PIECE = re.compile(
    r"""'(?P<literal>[^']*)'
    |\$(?P<name>[A-Za-z_]\w*)
    |\$\{(?P<braced>[A-Za-z_]\w*)(?:(?P<kind>:?[-+])(?P<word>[^}$]*))?\}
    |(?P<other>\$.?)""",
    re.VERBOSE,
)


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """`word` as the engine takes it. Raises UnknownVariableError where `values` does not tell."""
    found: list[str] = []
    place = 0
    quoted = False
    while place < len(word):
        character = word[place]
        if character == '"':
            quoted = not quoted
            place += 1
        elif character == escape and place + 1 < len(word):
            found.append(word[place + 1])
            place += 2
        elif (character == "$" or (character == "'" and not quoted)) and (
            piece := _PIECE.match(word, place)
        ):
            found.append(_value(piece, values))
            place = piece.end()
        else:
            found.append(character)
            place += 1
    return "".join(found)


def _value(piece: re.Match[str], values: Mapping[str, str]) -> str:
    if piece["literal"] is not None:
        return piece["literal"]
    name = piece["name"] or piece["braced"]
    if not name:
        raise UnknownVariableError(piece[0])
    if name not in values:
        # A base image may set it, so that not even `${NAME:-word}` is sure.
        raise UnknownVariableError(name)
    value, kind = values[name], piece["kind"] or ""
    is_set = bool(value) or not kind.startswith(":")
    if kind.endswith("-"):
        return value if is_set else piece["word"]
    if kind.endswith("+"):
        return piece["word"] if is_set else ""
    return value
