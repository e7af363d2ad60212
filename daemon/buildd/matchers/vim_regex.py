"""Translates Vim's regular expressions, as far as an 'errorformat' can use them, into Python's."""

from __future__ import annotations

import regex

from buildd.matchers.base import MatcherError
from buildd.matchers.vim_classes import CLASSES, CONTROLS, SETS, SPECIAL
from buildd.matchers.vim_collection import collection
from buildd.matchers.vim_count import count

_ATOMS = {".": ".", "<": r"\b(?=\w)", ">": r"\b(?<=\w)", "zs": "", "ze": ""}
_LOOKS = {">": "(?>", "=": "(?=", "!": "(?!", "<=": "(?<=", "<!": "(?<!"}
_NUMBERED = {"d": (10, 10), "x": (2, 16), "u": (4, 16), "U": (8, 16), "o": (4, 8)}
_GROUPS = 9


def translate(pattern: str) -> tuple[str, int]:
    """Translates a pattern in magic mode; returns it with the flags that it needs.

    Groups keep their numbers. Raises MatcherError.
    """
    reading = _Reading(pattern)
    found = reading.alternatives(depth=0)
    return found, 0 if reading.is_exact else regex.IGNORECASE


class _Reading:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.is_exact = False
        """Whether upper and lower case differ."""
        self._text = pattern
        self._at = 0
        self._mode = "m"
        self._groups = 0

    def alternatives(self, depth: int) -> str:
        r"""Translates branches up to the end, or to the `\)` that closes this group."""
        if depth > 50:
            raise self._refused("has too many groups within groups")
        branches = [self._branch(depth)]
        while self._special() == "|":
            self._take()
            branches.append(self._branch(depth))
        return "|".join(branches)

    def _branch(self, depth: int) -> str:
        parts = [self._concatenation(depth)]
        while self._special() == "&":
            self._take()
            parts.append(self._concatenation(depth))
        return "".join(f"(?={part})" for part in parts[:-1]) + parts[-1]

    def _concatenation(self, depth: int) -> str:
        pieces: list[str] = []
        is_first = True
        while self._at < len(self._text):
            special = self._special()
            if special in ("|", "&") or (special == ")" and depth):
                break
            if special == "^" and is_first:
                self._take()
                pieces.append(r"\A")
                # A star after it is an ordinary character.
                if self._special() == "*":
                    self._take()
                    pieces.append(r"\*")
            elif special == "$" and self._is_last():
                self._take()
                pieces.append(r"\Z")
            elif is_first and special == "*":
                self._take()
                pieces.append(r"\*")
            else:
                atom = self._atom(depth)
                if atom is None:
                    continue
                pieces.append(self._repeated(atom))
            is_first = False
        return "".join(pieces)

    # --- tokens

    def _special(self) -> str:
        """Returns the special item that comes next, by its character in magic mode.

        It is empty if the next character is an ordinary one.
        """
        if self._at >= len(self._text):
            return ""
        character = self._text[self._at]
        if character != "\\":
            return character if character in SPECIAL[self._mode] else ""
        other = self._text[self._at + 1 : self._at + 2]
        return "" if other in SPECIAL[self._mode] else other

    def _take(self) -> str:
        """Returns the next character, without its backslash, and moves on."""
        if self._text[self._at] == "\\" and self._at + 1 < len(self._text):
            self._at += 1
        self._at += 1
        return self._text[self._at - 1]

    def _is_last(self) -> bool:
        """Returns whether a `$` here ends a line: at the end, or before what ends a branch."""
        before = self._at
        self._take()
        is_last = self._at >= len(self._text) or self._special() in ("|", ")", "&", "n")
        self._at = before
        return is_last

    def _refused(self, why: str) -> MatcherError:
        return MatcherError(
            f"the pattern `{self._text}` {why}", "Write it without that, or ask for its support."
        )

    # --- atoms

    def _atom(self, depth: int) -> str | None:
        """Translates one item that can be repeated; None if it only changes the mode."""
        special = self._special()
        character = self._take()
        if not special:
            return regex.escape(character, special_only=True)
        if special in "*+=?{@)":
            what = r"`\)`, but no `\(`" if special == ")" else f"`{special}`, but nothing to repeat"
            raise self._refused(f"has a {what}")
        if special in "^$":
            return "\\" + special
        if special == "(":
            return self._group(depth)
        if special == "%":
            return self._percent(depth)
        if special == "[":
            return self._collection()
        if special == "_":
            return self._with_newline()
        if special in _ATOMS:
            return _ATOMS[special]
        if special == "z":
            return self._edge()
        if special in "123456789":
            if int(special) > self._groups:
                raise self._refused(f"refers to the group \\{special}, which is not there")
            return rf"(?:\{special})"
        return self._letter(special)

    def _letter(self, letter: str) -> str | None:
        """Translates a letter after a backslash; None if it only changes the mode."""
        if letter in "vmMV":
            self._mode = letter
            return None
        if letter in "cCZ":
            self.is_exact = letter == "C" or (self.is_exact and letter != "c")
            return None
        if letter in CONTROLS:
            return CONTROLS[letter]
        if letter in CLASSES:
            return f"(?-i:[{CLASSES[letter]}])"
        if letter in SETS:
            return f"(?-i:[{SETS[letter]}])"
        if letter.lower() in CLASSES:
            return f"(?-i:[^{CLASSES[letter.lower()]}])"
        if letter == "~":
            raise self._refused("holds `~`, which stands for the last substitution in Vim")
        return regex.escape(letter, special_only=True)

    def _group(self, depth: int) -> str:
        self._groups += 1
        if self._groups > _GROUPS:
            raise self._refused(f"has more than {_GROUPS} groups and fields")
        return f"({self._closed(depth)})"

    def _closed(self, depth: int) -> str:
        found = self.alternatives(depth + 1)
        if self._special() != ")":
            raise self._refused(r"has a `\(` without its `\)`")
        self._take()
        return found

    def _percent(self, depth: int) -> str:
        character = self._take() if self._at < len(self._text) else ""
        if character == "(":
            return f"(?:{self._closed(depth)})"
        if character == "[":
            return self._optional()
        if character in _NUMBERED:
            return self._numbered(*_NUMBERED[character])
        if character in ("^", "$"):
            return r"\A" if character == "^" else r"\Z"
        if character == "C":
            return ""
        if character == "#" and self._text[self._at : self._at + 1] == "=":
            # This selects Vim's engine.
            self._at += 2
            return ""
        raise self._refused(rf"holds `\%{character}`, which has no meaning in a log")

    def _numbered(self, most: int, base: int) -> str:
        digits = "0123456789abcdef"[:base]
        start = self._at
        while self._at < start + most and self._text[self._at : self._at + 1].lower() in digits:
            if self._at >= len(self._text):
                break
            self._at += 1
        number = int(self._text[start : self._at] or "0", base)
        if start == self._at or number > 0x10FFFF:
            raise self._refused("has no valid number of a character")
        return regex.escape(chr(number), special_only=True)

    def _optional(self) -> str:
        r"""Translates `\%[abc]`, which matches as many of the atoms as there are."""
        atoms: list[str] = []
        while self._at < len(self._text) and self._text[self._at] != "]":
            atom = self._atom(1)
            if atom is not None:
                atoms.append(atom)
        if self._at >= len(self._text):
            raise self._refused(r"has a `\%[` without its `]`")
        self._at += 1
        found = ""
        for atom in reversed(atoms):
            found = f"(?:{atom}{found})?"
        return found

    def _collection(self) -> str:
        found = collection(self._text, self._at)
        if found is None:
            return r"\["
        characters, self._at = found
        return characters

    def _with_newline(self) -> str:
        r"""Translates `\_x`, which is `\x` or a newline; a line of a log holds no newline."""
        character = self._text[self._at : self._at + 1]
        self._at += 1
        if character in ("^", "$"):
            return r"\A" if character == "^" else r"\Z"
        if character == "[":
            return self._collection()
        if character == ".":
            return "."
        found = (
            self._letter(character) if character.lower() in CLASSES or character in SETS else None
        )
        if found is None:
            raise self._refused(rf"holds `\_{character}`")
        return found

    def _edge(self) -> str:
        character = self._text[self._at : self._at + 1]
        self._at += 1
        if character not in ("s", "e"):
            raise self._refused(rf"holds `\z{character}`, which is for syntax files")
        # They only limit what counts as the match; the fields do not depend on it.
        return ""

    # --- how often

    def _repeated(self, atom: str) -> str:
        special = self._special()
        if not special or special not in "*+=?{@":
            return atom
        self._take()
        unit = atom if _is_single(atom) else f"(?:{atom})"
        if special in "*+":
            return f"{unit}{special}"
        if special in "=?":
            return f"{unit}?"
        if special == "{":
            return unit + self._count()
        return self._look(atom)

    def _count(self) -> str:
        end = self._text.find("}", self._at)
        if end < 0:
            raise self._refused(r"has a `\{` without its `}`")
        inner = self._text[self._at : end].removesuffix("\\")
        self._at = end + 1
        found = count(inner)
        if found is None:
            raise self._refused(rf"has a wrong count `\{{{inner}}}`")
        return found

    def _look(self, atom: str) -> str:
        while self._text[self._at : self._at + 1].isdecimal():
            # The digits limit how far to look back.
            self._at += 1
        length = 2 if self._text[self._at : self._at + 1] == "<" else 1
        kind = self._text[self._at : self._at + length]
        self._at += length
        if kind not in _LOOKS:
            raise self._refused(rf"holds `\@{kind}`")
        return f"{_LOOKS[kind]}{atom})"


def _is_single(atom: str) -> bool:
    return len(atom) == 1 or (len(atom) == 2 and atom[0] == "\\") or atom[:1] in "(["
