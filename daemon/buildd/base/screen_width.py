"""How wide characters are on a screen. Pure, standard library only."""

from __future__ import annotations

import unicodedata


def screen_width(character: str) -> int:
    """Return the number of screen columns that a character takes; not for a tab.

    That is 2 for wide characters (East Asian Width W or F), and 0 for combining and format
    characters, which are drawn with the one before. gcc 12 counts in the same way, except that a
    soft hyphen takes one column there.
    """
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
