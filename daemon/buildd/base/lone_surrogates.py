"""JSON with text that is not valid Unicode: lone surrogates, which no strict reader takes."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_ESCAPE = re.compile(
    # A backslash that itself is escaped begins no escape.
    r"(?<!\\)(?P<before>(?:\\\\)*+)"
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2}))"
)
_SOME = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def without_lone_surrogates(text: str) -> str:
    r"""Return JSON text with `\ufffd` for each escape of a surrogate that has no partner."""
    if not _SOME.search(text):
        return text
    return _ESCAPE.sub(
        lambda found: rf"{found['before']}\ufffd" if found["lone"] else found[0], text
    )


def encode(value: object) -> bytes:
    """Return the value as JSON, with U+FFFD for each lone surrogate."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_repaired(msgspec.to_builtins(value)))


def _repaired(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list() | tuple():
            return [_repaired(part) for part in value]
        case dict():
            return {_repaired(key): _repaired(part) for key, part in value.items()}
        case _:
            return value
