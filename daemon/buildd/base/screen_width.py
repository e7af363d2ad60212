"""How wide characters are on a screen. Pure, standard library only."""

from __future__ import annotations

import unicodedata


def screen_width(character: str) -> int:
    """The screen columns that a character takes, apart from a tab: 2 for wide ones (East Asian
    Width W or F), 0 for combining and format characters, which are drawn with the one before. As
    gcc 12 counts them, for which a soft hyphen takes one."""
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
