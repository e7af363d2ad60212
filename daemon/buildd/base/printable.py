"""This module makes untrusted text safe to show, because terminals obey control characters."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return `text` on one line, with control characters escaped.

    Format characters (also bidirectional ones) and lone surrogates are escaped too, so the user
    sees what is really there.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def quoted(text: str) -> str:
    """Return the printable text in double quotes, cut to 80 characters."""
    return f'"{short(text)}"'


def short(text: str) -> str:
    """Return the printable text, cut to 80 characters and `…`."""
    shown = printable(text)
    return f"{shown[:_LONG]}…" if len(shown) > _LONG else shown


_LONG = 80
