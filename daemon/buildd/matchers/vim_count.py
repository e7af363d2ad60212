r"""Translates Vim's counts, `\{n,m}`, into Python's regular expressions."""

from __future__ import annotations


def count(inner: str) -> str | None:
    """Returns the translation of what stands between the braces, or None if that is no count.

    A minus sign at the start asks for as few repetitions as possible.
    """
    lazy = "?" if inner.startswith("-") else ""
    low, comma, high = inner.removeprefix("-").partition(",")
    if not all(part.isdecimal() or not part for part in (low, high)):
        return None
    if not low and not high:
        return f"*{lazy}"
    if not comma:
        return f"{{{low}}}{lazy}"
    if low and high and int(low) > int(high):
        low, high = high, low
    return f"{{{low or 0},{high}}}{lazy}"
