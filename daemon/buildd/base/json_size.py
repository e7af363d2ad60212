"""How many values JSON has, looked at before anything decodes it.

Values cost far more time and memory than the text that they are written in: 64 MiB of empty lists
take seconds and gigabytes. A long string costs nothing of the kind.
"""

from __future__ import annotations

import re

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""Also a string that never ends, so that the time is in proportion to the text."""


def has_more_values(text: bytes, limit: int) -> bool:
    """Return whether JSON has more than `limit` values, counted as commas, lists and objects.

    Does not look whether it is JSON at all: for what is none, the answer may be wrong.
    """
    if _values(text) <= limit:
        return False  # nearly every message
    # Text has commas and brackets too. Each value has at most two strings: a name and itself.
    rest, strings = _STRING.subn(b"", text, count=2 * limit + 1)
    return strings > 2 * limit or _values(rest) > limit


def _values(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")
