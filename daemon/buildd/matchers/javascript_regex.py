r"""Translates JavaScript's regular expressions into Python's.

They are read as `new RegExp(text)` reads them, except that `\u{…}` means the same as with the flag
`u`. One difference remains: in each round of a repetition, JavaScript forgets what the groups in it
matched before, such as `a` in `(?:(a)|(b))+` when that matches `ab`.
"""

from __future__ import annotations

import re

import regex

from buildd.matchers.base import MatcherError, compiled

_SPACE = r"\t\n\x0b\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NO_NEWLINE = r"[^\n\r\u2028\u2029]"
_NEVER = "(?!)"
_CLASSES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[0-9A-Za-z_]",
    "W": "[^0-9A-Za-z_]",
    "s": f"[{_SPACE}]",
    "S": f"[^{_SPACE}]",
}
_EDGES = {"b": r"\b", "B": r"\B"}
_CONTROLS = {"t": "\t", "n": "\n", "v": "\x0b", "f": "\f", "r": "\r"}
_COUNT = re.compile(r"\{\d+(?:,\d*)?\}")
_OPENING = re.compile(
    r"\(\?(?::|=|!|<=|<!|<(?P<name>[A-Za-z_$][\w$]*)>|(?P<flags>[ims]*(?:-[ims]*)?):)"
)
_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})|u\{(?P<point>[0-9A-Fa-f]{1,8})\}"
    r"|c(?P<control>[A-Za-z])|(?P<octal>[0-3][0-7]{0,2}|[4-7][0-7]?))"
)
_PROPERTY = re.compile(r"\\[pP]\{[\w=]+\}")
_REFERENCE = re.compile(r"\\(?P<number>[1-9]\d{0,2})")
_NAMED_REFERENCE = re.compile(r"\\k<(?P<name>[^>]*)>")
_GROUP = re.compile(
    r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?<(?P<name>[A-Za-z_$][\w$]*)>", re.DOTALL
)


def javascript(pattern: str, where: str) -> regex.Pattern[str]:
    """Compiles the pattern with the same group numbers.

    Raises MatcherError, which names `where` the pattern stands.
    """
    return compiled(_Reading(pattern, where).translated(), regex.ASCII, where)


class _Reading:
    """Reads one pattern from left to right."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._at = 0
        self._names: dict[str, int] = {}
        self._count = 0
        for match in _GROUP.finditer(text):
            if match[0].startswith("("):
                self._count += 1
                if match["name"]:
                    self._names[match["name"]] = self._count
        self._opened = 0
        self._dot_is_all = [False]
        """Whether a dot matches a newline, for each open group."""

    def translated(self) -> str:
        pieces: list[str] = []
        while self._at < len(self._text):
            pieces.append(self._piece())
        if len(self._dot_is_all) > 1:
            raise self._wrong("a `(` is not closed")
        return "".join(pieces)

    def _piece(self) -> str:
        character = self._text[self._at]
        if character == "\\":
            return self._escape()
        if character == "[":
            return self._class()
        if character == "(":
            return self._open()
        if character == "{":
            if count := _COUNT.match(self._text, self._at):
                return self._quantifier(count[0])
            self._at += 1
            return r"\{"
        if character in "*+?":
            return self._quantifier(character)
        self._at += 1
        if character == ")":
            if len(self._dot_is_all) == 1:
                raise self._wrong("a `)` closes nothing")
            self._dot_is_all.pop()
        if character == ".":
            return "(?s:.)" if self._dot_is_all[-1] else _NO_NEWLINE
        # A line of a log has one start and one end.
        return {"^": r"\A", "$": r"\Z", "]": r"\]", "}": r"\}"}.get(character) or (
            character if character in "()|" else regex.escape(character, special_only=True)
        )

    def _quantifier(self, found: str) -> str:
        self._at += len(found)
        if self._text[self._at : self._at + 1] == "?":
            self._at += 1
            found += "?"
        rest = self._text[self._at : self._at + 1]
        if (rest and rest in "*+?") or _COUNT.match(self._text, self._at):
            # In Python, `a++` has another meaning.
            raise self._wrong(f"nothing is there to repeat before `{rest}`")
        return found

    def _open(self) -> str:
        self._dot_is_all.append(self._dot_is_all[-1])
        if self._text[self._at + 1 : self._at + 2] != "?":
            self._at += 1
            self._opened += 1
            return "("
        match = _OPENING.match(self._text, self._at)
        if not match:
            raise self._wrong(f"`{self._text[self._at : self._at + 4]}` is not JavaScript's")
        self._at = match.end()
        if match["name"]:
            self._opened += 1
            return "("
        if match["flags"]:
            on, _, off = match["flags"].partition("-")
            self._dot_is_all[-1] = "s" in on or (self._dot_is_all[-1] and "s" not in off)
            flags = f"{'i' if 'i' in on else ''}{'-i' if 'i' in off else ''}"
            return f"(?{flags}:"
        return match[0]

    def _escape(self) -> str:
        """Translates a backslash and what belongs to it, outside of a class."""
        if _PROPERTY.match(self._text, self._at):
            raise self._wrong(r"`\p{…}` needs the flag `u`, which cannot be set")
        if match := _REFERENCE.match(self._text, self._at):
            number = int(match["number"])
            if number <= self._count:
                self._at = match.end()
                return self._reference(number)
        if self._names and (match := _NAMED_REFERENCE.match(self._text, self._at)):
            self._at = match.end()
            if match["name"] not in self._names:
                raise self._wrong(f"there is no group `{match['name']}`")
            return self._reference(self._names[match["name"]])
        other = self._text[self._at + 1 : self._at + 2]
        if other in _CLASSES or other in _EDGES:
            self._at += 2
            return _CLASSES.get(other) or _EDGES[other]
        return regex.escape(self._character(), special_only=True)

    def _reference(self, number: int) -> str:
        """Translates a reference to a group; it matches nothing if the group did not match."""
        return rf"(?({number})\{number}|)" if number <= self._opened else "(?:)"

    def _character(self) -> str:
        """Returns the character that a backslash and what follows stand for."""
        if match := _ESCAPE.match(self._text, self._at):
            self._at = match.end()
            if match["control"]:
                return chr(ord(match["control"]) & 31)
            if match["octal"]:
                return chr(int(match["octal"], 8))
            number = int(match["x"] or match["u"] or match["point"], 16)
            if number > 0x10FFFF:
                raise self._wrong(f"there is no character {match[0]}")
            if 0xD800 <= number < 0xDC00:
                return self._pair(number)
            return chr(number)
        other = self._text[self._at + 1 : self._at + 2]
        if not other:
            raise self._wrong("a backslash stands at the end")
        self._at += 2
        return _CONTROLS.get(other, other)

    def _pair(self, high: int) -> str:
        """Returns the character of two UTF-16 surrogates."""
        match = _ESCAPE.match(self._text, self._at)
        low = int(match["u"], 16) if match and match["u"] else 0
        if not match or not 0xDC00 <= low < 0xE000:
            return chr(high)
        self._at = match.end()
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)

    def _class(self) -> str:
        self._at += 1
        negated = self._text[self._at : self._at + 1] == "^"
        self._at += negated
        items: list[str] = []
        while True:
            if self._at >= len(self._text):
                raise self._wrong("a `[` is not closed")
            if self._text[self._at] == "]":
                self._at += 1
                break
            items.append(self._item())
        if not items:
            return r"(?s:.)" if negated else _NEVER
        return f"[{'^' if negated else ''}{''.join(items)}]"

    def _item(self) -> str:
        """Translates one character, class or range of a character class."""
        first = self._member()
        if self._text[self._at : self._at + 1] != "-" or self._text[
            self._at + 1 : self._at + 2
        ] in ("", "]"):
            return first if len(first) > 1 else _quoted(first)
        self._at += 1
        last = self._member()
        if len(first) > 1 or len(last) > 1:
            parts = (part if len(part) > 1 else _quoted(part) for part in (first, "-", last))
            return "".join(parts)
        if last < first:
            raise self._wrong(f"the range `{first}-{last}` goes backwards")
        return f"{_quoted(first)}-{_quoted(last)}"

    def _member(self) -> str:
        """Returns a character as it is, or the longer translation of a class within a class."""
        if self._text[self._at] != "\\":
            self._at += 1
            return self._text[self._at - 1]
        if _PROPERTY.match(self._text, self._at):
            raise self._wrong(r"`\p{…}` needs the flag `u`, which cannot be set")
        other = self._text[self._at + 1 : self._at + 2]
        if other and other in "DWS":
            self._at += 2
            return "\\" + other if other != "S" else r"\S"
        if other and other in "dws":
            self._at += 2
            return _CLASSES[other][1:-1]
        if other == "b":
            self._at += 2
            return "\b"
        return self._character()

    def _wrong(self, what: str) -> MatcherError:
        return MatcherError(
            f"{self._where}: `{self._text}`: {what}",
            "Write it as JavaScript's RegExp takes it, without flags.",
        )


def _quoted(character: str) -> str:
    return (
        f"\\{character}"
        if character.isascii() and not character.isalnum() and character.isprintable()
        else character
    )
