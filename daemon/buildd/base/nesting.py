"""This module checks how deeply JSON is nested, before it is decoded.

Decoders have a limit too, but it differs between versions of Python and depends on the depth of the
call stack.
"""

from __future__ import annotations

import re

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""Matches strings, and a string that does not end, so that the time is linear."""

_ALIKE = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))

_ROUNDS = 8
"""Levels that are counted by replacement. Long messages are wide and not deep, and a loop over
their brackets would be slow."""


def is_nested_deeper(text: bytes, limit: int) -> bool:
    """Return whether JSON has more than `limit` lists and objects inside one another.

    The text is not checked: if it is not JSON, the answer may be wrong.
    """
    if text.count(b"[") + text.count(b"{") <= limit:
        return False  # nearly every message
    brackets = _STRING.sub(b"", text).translate(_ALIKE, _OTHERS)
    for _ in range(min(_ROUNDS, limit)):
        brackets = brackets.replace(b"[]", b"")  # all that have nothing inside: one level
        limit -= 1
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket == ord("[") else -1
        if depth > limit:
            return True
    return False
