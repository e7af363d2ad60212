"""The text of an 'errorformat' as a list of patterns, by the rules of Vim. Pure."""

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
"""What each of `%f` … finds, as a pattern of Vim's."""

_REFERENCE = re.compile(r"\(\?:\\[1-9]\)")
_PREFIXES = "DXAEWINCZGOPQ"
_MAGIC = "%\\.^$~["
_ESCAPED = ".*^$~["


@dataclasses.dataclass(frozen=True)
class Format:
    """One part of an 'errorformat'. `groups` has the group of each field that it finds; `prefix`
    is empty or one of D X A E W I N C Z G O P Q, `flag` empty, `+` or `-`; `is_resumed` where the
    next line is to be tried from this part on (`%>`)."""

    text: str
    pattern: regex.Pattern[str]
    groups: dict[str, int]
    prefix: str
    flag: str
    is_resumed: bool


@dataclasses.dataclass(frozen=True)
class Formats:
    """All parts, in their order. `any` matches where one of them does, and is to be asked first:
    most lines match none, and each question costs as much as its answer. It may be None."""

    parts: tuple[Format, ...]
    any: regex.Pattern[str] | None


@functools.lru_cache(maxsize=64)
def formats(text: str) -> Formats:
    """The parts of an 'errorformat'. Raises MatcherError."""
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
    if len(parts) < 3 or any(_REFERENCE.search(one.pattern.pattern) for one in parts):
        return None
    alternatives = (
        f"(?{'i' if one.pattern.flags & regex.IGNORECASE else ''}:{one.pattern.pattern})"
        for one in parts
    )
    return compiled("|".join(alternatives), 0, "errorformat")


def _end_of_part(text: str, at: int) -> int:
    while at < len(text) and text[at] != ",":
        at += 2 if text[at] == "\\" and at + 1 < len(text) else 1
    return at


class _Reading:
    """Makes Vim's pattern of one part, and then Python's of that."""

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
            one = self._text[self._at]
            if one == "%":
                self._at += 1
                self._item(self._peek())
            else:
                self._ordinary(one)
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
        """A character of the whole text, also behind this part; empty at its end."""
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _ordinary(self, one: str) -> None:
        if one == "\\" and self._at + 1 < self._end:
            # What follows goes into the pattern as it is, even where it is special there.
            self._at += 1
            one = self._text[self._at]
        elif one in _ESCAPED:
            one = "\\" + one
        self._pattern.append(one)

    def _item(self, one: str) -> None:
        if one and one in _FIELDS:
            self._field(one)
        elif one == "*":
            self._at += 1
            self._scanned(self._peek())
        elif one and one in _MAGIC:
            self._pattern.append(one)
        elif one == "#":
            self._pattern.append("*")
        elif one == ">":
            self._is_resumed = True
        elif self._at == self._start + 1:
            if one in ("+", "-"):
                self._flag = one
                self._at += 1
                one = self._peek()
            if not one or one not in _PREFIXES:
                raise self._wrong(f"`%{self._flag}{one}` is no prefix", _PREFIX_REMEDY)
            self._prefix = one
        else:
            raise self._wrong(
                f"`%{one}` has no meaning here",
                "A percent sign itself is `%%`; prefixes as `%E` stand at the beginning only.",
            )

    def _field(self, one: str) -> None:
        if one in self._groups:
            raise self._wrong(f"`%{one}` stands there twice", "It can be found once only.")
        if self._prefix and self._prefix in "DXOPQ" and one in "bnleckt" + "m":
            raise self._wrong(
                f"`%{one}` cannot be found by `%{self._prefix}`",
                f"With `%{self._prefix}` goes `%f`{'' if self._prefix in 'DX' else ' or `%r`'}.",
            )
        if one == "r" and (not self._prefix or self._prefix not in "OPQ"):
            raise self._wrong("`%r` is the rest of a line", "It goes with `%O`, `%P` or `%Q` only.")
        self._groups[one] = len(self._groups) + 1
        what = _FIELDS[one]
        if one == "f" and (following := self._peek(1)):
            # A name may hold blanks and colons; what follows must match, too. Where that can be
            # anything, the name is of the characters that names are usually made of.
            what = r"\f\+" if following in "\\%" else r".\{-1,}"
        self._pattern.append(rf"\({what}\)")

    def _scanned(self, one: str) -> None:
        r"""`%*[…]` or `%*\d`: as with scanf, one or more of these."""
        if one == "[":
            end = self._at + 1
            if self._text[end : end + 1] == "^":
                end += 1
            # A `]` at the beginning is one of the characters.
            end = self._text.find("]", end + 1, self._end)
            if end < 0:
                raise self._wrong("a `]` is missing", "`%*[` ends with a `]`.")
            self._pattern.append(self._text[self._at : end + 1])
            self._at = end
        elif one == "\\":
            self._pattern.append(one)
            if self._at < self._end:
                self._at += 1
                self._pattern.append(self._peek())
        else:
            raise self._wrong(f"`%*{one}` is not known", r"Write `%*[…]`, or a class as `%*\d`.")
        self._pattern.append(r"\+")

    def _wrong(self, what: str, remedy: str) -> MatcherError:
        return MatcherError(f"errorformat `{self._text[self._start : self._end]}`: {what}", remedy)


_PREFIX_REMEDY = "A part may begin with `%` and one of D X A E W I N C Z G O P Q, or a field."
