"""Translates Vim's `[…]` into Python's regular expressions."""

from __future__ import annotations

import regex

_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e\xa0-\U0010ffff",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
    "return": r"\r",
    "tab": r"\t",
    "escape": r"\x1b",
    "backspace": r"\x08",
    "ident": "0-9A-Za-z_",
    "keyword": "0-9A-Za-z_",
    "fname": r"0-9A-Za-z/._+,#$%~=\-\xa0-\U0010ffff",
}
_ESCAPES = {"e": "\x1b", "t": "\t", "r": "\r", "b": "\b", "n": "\n"}
_NUMBERS = {
    "d": regex.compile("[0-9]{1,10}"),
    "o": regex.compile("[0-7]{1,4}"),
    "x": regex.compile("[0-9A-Fa-f]{1,2}"),
    "u": regex.compile("[0-9A-Fa-f]{1,4}"),
    "U": regex.compile("[0-9A-Fa-f]{1,8}"),
}
_BASES = {"d": 10, "o": 8, "x": 16, "u": 16, "U": 16}


def collection(text: str, at: int) -> tuple[str, int] | None:
    """Returns the translation of what follows a `[`, and the index after its end.

    Returns None if nothing closes it; the `[` is then an ordinary character.
    """
    negated = text[at : at + 1] == "^"
    at += negated
    items: list[str] = []
    previous = ""
    is_first = True
    while at < len(text):
        character = text[at]
        if character == "]" and not is_first:
            return _set(items, negated=negated), at + 1
        if character == "[" and (named := _named(text, at)):
            characters, at = named
            items.append(characters)
            previous = ""
        elif character == "-" and previous and text[at + 1 : at + 2] not in ("", "]"):
            last, at = _character(text, at + 1)
            if last < previous:
                return None
            items[-1] = f"{_escaped(previous)}-{_escaped(last)}"
            previous = ""
        else:
            previous, at = _character(text, at)
            items.append(_escaped(previous))
        is_first = False
    return None


def _set(items: list[str], *, negated: bool) -> str:
    return f"[{'^' if negated else ''}{''.join(items)}]"


def _character(text: str, at: int) -> tuple[str, int]:
    """Returns the character at an index, perhaps after a backslash, and the index after it."""
    character = text[at]
    other = text[at + 1 : at + 2]
    if character != "\\" or not other:
        return character, at + 1
    if other in "]^-\\":
        return other, at + 2
    if other in _ESCAPES:
        return _ESCAPES[other], at + 2
    if other in _NUMBERS and (match := _NUMBERS[other].match(text, at + 2)):
        number = int(match[0], _BASES[other])
        return chr(min(number, 0x10FFFF)), match.end()
    # Before any other character, a backslash stands for itself.
    return character, at + 1


def _named(text: str, at: int) -> tuple[str, int] | None:
    """Returns the translation of `[:alpha:]`, `[=x=]` or `[.x.]`, and the index after its end."""
    kind = text[at + 1 : at + 2]
    if kind not in (":", "=", "."):
        return None
    end = text.find(f"{kind}]", at + 2)
    if end < 0:
        return None
    inner = text[at + 2 : end]
    if kind == ":":
        return (_NAMED[inner], end + 2) if inner in _NAMED else None
    return (_escaped(inner), end + 2) if len(inner) == 1 else None


def _escaped(character: str) -> str:
    return (
        f"\\{character}"
        if not character.isalnum() and character.isascii() and character.isprintable()
        else character
    )
