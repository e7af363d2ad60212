"""Splits the text of an 'errorformat' into patterns, by the rules of Vim."""

from __future__ import annotations

import dataclasses
import functools
import re

import regex

from buildd.matchers.base import MatcherError, compiled
from buildd.matchers.vim_regex import translate

_FIELDS = {
    "f": r".\+",
    "b": r"\d\+",
    "n": r"\d\+",
    "l": r"\d\+",
    "e": r"\d\+",
    "c": r"\d\+",
    "k": r"\d\+",
    "t": ".",
    "m": r".\+",
    "r": ".*",
    "p": "[-\t .]*",
    "v": r"\d\+",
    "s": r".\+",
    "o": r".\+",
}
"""What `%f` and each other field matches, as a Vim pattern."""

_REFERENCE = re.compile(r"\(\?:\\[1-9]\)")
_PREFIXES = "DXAEWINCZGOPQ"
_MAGIC = "%\\.^$~["
_ESCAPED = ".*^$~["


@dataclasses.dataclass(frozen=True)
class Format:
    """Describes one part of an 'errorformat'.

    `groups` maps each field to the group that holds it. `prefix` is empty or one of D X A E W I N C
    Z G O P Q; `flag` is empty, `+` or `-`. If `is_resumed`, the next line is matched from this part
    on (`%>`).
    """

    text: str
    pattern: regex.Pattern[str]
    groups: dict[str, int]
    prefix: str
    flag: str
    is_resumed: bool


@dataclasses.dataclass(frozen=True)
class Formats:
    """Holds all parts of an 'errorformat', in their order.

    `any` matches if one of the parts matches, and is tried first: most lines match none, and each
    search costs the same. It is None if the parts cannot be combined.
    """

    parts: tuple[Format, ...]
    any: regex.Pattern[str] | None


@functools.lru_cache(maxsize=64)
def formats(text: str) -> Formats:
    """Returns the parts of an 'errorformat'. Raises MatcherError."""
    found: list[Format] = []
    at = 0
    while at < len(text):
        end = _end_of_part(text, at)
        found.append(_Reading(text, at, end).format())
        at = end + (text[end : end + 1] == ",")
        while text[at : at + 1] == " ":
            at += 1
    if not found:
        raise MatcherError("errorformat: it is empty", "Give it a pattern, as `%f:%l:%c: %m`.")
    return Formats(tuple(found), _any_of(found))


def _any_of(parts: list[Format]) -> regex.Pattern[str] | None:
    if len(parts) < 3 or any(_REFERENCE.search(part.pattern.pattern) for part in parts):
        return None
    alternatives = (
        f"(?{'i' if part.pattern.flags & regex.IGNORECASE else ''}:{part.pattern.pattern})"
        for part in parts
    )
    return compiled("|".join(alternatives), 0, "errorformat")


def _end_of_part(text: str, at: int) -> int:
    while at < len(text) and text[at] != ",":
        at += 2 if text[at] == "\\" and at + 1 < len(text) else 1
    return at


class _Reading:
    """Translates one part into Vim's pattern, and that into Python's."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._at = start
        self._pattern: list[str] = ["^"]
        self._groups: dict[str, int] = {}
        self._prefix = ""
        self._flag = ""
        self._is_resumed = False

    def format(self) -> Format:
        while self._at < self._end:
            character = self._text[self._at]
            if character == "%":
                self._at += 1
                self._item(self._peek())
            else:
                self._ordinary(character)
            self._at += 1
        part = self._text[self._start : self._end]
        where = f"errorformat `{part}`"
        try:
            pattern, flags = translate("".join(self._pattern) + "$")
        except MatcherError as error:
            raise MatcherError(f"{where}: {error.message}", error.remedy) from None
        return Format(
            part,
            compiled(pattern, flags, where),
            self._groups,
            self._prefix,
            self._flag,
            self._is_resumed,
        )

    def _peek(self, ahead: int = 0) -> str:
        """Returns a character of the whole text, also after this part; empty at its end."""
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _ordinary(self, character: str) -> None:
        if character == "\\" and self._at + 1 < self._end:
            # The character after it goes into the pattern as it is, special or not.
            self._at += 1
            character = self._text[self._at]
        elif character in _ESCAPED:
            character = "\\" + character
        self._pattern.append(character)

    def _item(self, character: str) -> None:
        if character and character in _FIELDS:
            self._field(character)
        elif character == "*":
            self._at += 1
            self._scanned(self._peek())
        elif character and character in _MAGIC:
            self._pattern.append(character)
        elif character == "#":
            self._pattern.append("*")
        elif character == ">":
            self._is_resumed = True
        elif self._at == self._start + 1:
            if character in ("+", "-"):
                self._flag = character
                self._at += 1
                character = self._peek()
            if not character or character not in _PREFIXES:
                raise self._wrong(f"`%{self._flag}{character}` is no prefix", _PREFIX_REMEDY)
            self._prefix = character
        else:
            raise self._wrong(
                f"`%{character}` has no meaning here",
                "A percent sign itself is `%%`; prefixes as `%E` stand at the beginning only.",
            )

    def _field(self, field: str) -> None:
        if field in self._groups:
            raise self._wrong(f"`%{field}` stands there twice", "It can be found once only.")
        if self._prefix and self._prefix in "DXOPQ" and field in "bnleckt" + "m":
            raise self._wrong(
                f"`%{field}` cannot be found by `%{self._prefix}`",
                f"With `%{self._prefix}` goes `%f`{'' if self._prefix in 'DX' else ' or `%r`'}.",
            )
        if field == "r" and (not self._prefix or self._prefix not in "OPQ"):
            raise self._wrong("`%r` is the rest of a line", "It goes with `%O`, `%P` or `%Q` only.")
        self._groups[field] = len(self._groups) + 1
        what = _FIELDS[field]
        if field == "f" and (following := self._peek(1)):
            # A name may hold blanks and colons, but what follows must match, too. If anything may
            # follow, the name consists of the characters that are usual in names.
            what = r"\f\+" if following in "\\%" else r".\{-1,}"
        self._pattern.append(rf"\({what}\)")

    def _scanned(self, character: str) -> None:
        r"""Adds `%*[…]` or `%*\d`: one or more of these characters, as in scanf."""
        if character == "[":
            end = self._at + 1
            if self._text[end : end + 1] == "^":
                end += 1
            # A `]` at the start is one of the characters.
            end = self._text.find("]", end + 1, self._end)
            if end < 0:
                raise self._wrong("a `]` is missing", "`%*[` ends with a `]`.")
            self._pattern.append(self._text[self._at : end + 1])
            self._at = end
        elif character == "\\":
            self._pattern.append(character)
            if self._at < self._end:
                self._at += 1
                self._pattern.append(self._peek())
        else:
            raise self._wrong(
                f"`%*{character}` is not known", r"Write `%*[…]`, or a class as `%*\d`."
            )
        self._pattern.append(r"\+")

    def _wrong(self, what: str, remedy: str) -> MatcherError:
        return MatcherError(f"errorformat `{self._text[self._start : self._end]}`: {what}", remedy)


_PREFIX_REMEDY = "A part may begin with `%` and one of D X A E W I N C Z G O P Q, or a field."
