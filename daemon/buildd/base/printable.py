"""Text of a project, made safe to show: nobody trusts it yet, and terminals obey."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` on one line, with escapes for control, format (bidirectional) and lone surrogate
    characters: what is shown is what is there."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def quoted(text: str) -> str:
    """The printable text in double quotes, cut off if it is long."""
    return f'"{short(text)}"'


def short(text: str) -> str:
    """The printable text, cut off if it is long."""
    shown = printable(text)
    return f"{shown[:_LONG]}…" if len(shown) > _LONG else shown


_LONG = 80
