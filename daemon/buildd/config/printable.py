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


def quoted(text: str, limit: int = 80) -> str:
    """`text` in double quotes, cut off behind `limit` characters."""
    shown = printable(text)
    return f'"{shown[:limit]}…"' if len(shown) > limit else f'"{shown}"'
