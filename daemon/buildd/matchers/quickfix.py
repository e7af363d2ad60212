"""Vim's quickfix list: what it makes of a log by an 'errorformat', line by line. Pure.

It follows what Vim does and not only what its documentation says; the tests compare the two.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import regex

from buildd.matchers.base import MESSAGE_LIMIT, Exists
from buildd.matchers.directory_stack import DirectoryStack
from buildd.matchers.formats import Format, Formats

Search = Callable[[regex.Pattern[str], str], regex.Match[str] | None]

_PLAUSIBLE = re.compile(r"[^\s].*(?:/|\.\w{1,8}$)")
"""A name of a file, where nobody can look whether there is one: it has a directory or an ending."""

_NUMBERS = "lecknv"
_DIGITS = re.compile("[0-9]*")


@dataclasses.dataclass
class Entry:
    """One of the list. Numbers are 0, and `number` empty, where nothing tells them.

    `is_valid` where the line matched, `prefix` is that of its format. A relative `file` is
    relative to where the command was started if `is_rooted`.
    """

    is_valid: bool = True
    prefix: str = ""
    file: str = ""
    is_rooted: bool = False
    line: int = 0
    end_line: int = 0
    column: int = 0
    end_column: int = 0
    is_screen_column: bool = False
    number: str = ""
    kind: str = ""
    text: str = ""
    search: str = ""
    module: str = ""
    lines: list[str] = dataclasses.field(default_factory=list)
    """The lines of the log that it is made of, the newest last."""


class Quickfix:
    """`read` it line after line."""

    def __init__(self, formats: Formats, search: Search, exists: Exists | None) -> None:
        self._formats = formats.parts
        self._any = formats.any
        self._search = search
        self._exists = exists
        self._directories = DirectoryStack(exists)
        self._files: list[str] = []
        self._last: Entry | None = None
        self._is_open = False
        """Whether lines may continue the last message."""
        self._is_ignoring = False
        """Whether those that do are left out."""
        self._start = 0
        """The format from which on the next line is tried."""

    @property
    def growing(self) -> Entry | None:
        """The entry to which the next line may add something."""
        return self._last if self._is_open and not self._is_ignoring else None

    def read(self, line: str) -> Entry | None:
        """The entry that the line is in, a new one or the last; None if it is in none."""
        rest, tail = line, False
        whole = ""
        while True:
            found = self._match(rest, is_tail=tail)
            if found is None:
                self._is_open = self._is_ignoring = False
                return self._added(Entry(is_valid=False, text=rest))
            number, one, fields = found
            if one.prefix == "D" and not self._directories.push(fields.file):
                return self._added(Entry(is_valid=False, text=line))
            if one.prefix in ("D", "X"):
                if one.prefix == "X":
                    self._directories.pop()
                return self._added(Entry(is_valid=False, prefix=one.prefix, text=rest))
            if one.is_resumed:
                self._start = number
            if one.prefix in ("A", "E", "W", "I", "N"):
                self._is_open, self._is_ignoring = True, False
            elif one.prefix in ("C", "Z"):
                return self._continued(one.prefix, fields, rest)
            elif one.prefix in ("O", "P", "Q"):
                self._file_told(one.prefix, fields.file)
                fields.is_valid = False
                whole = whole or fields.text
                # A format that finds nothing but a rest keeps Vim busy for ever.
                if fields.tail and len(following := fields.tail.lstrip(" \t")) < len(rest):
                    rest, tail = following, True
                    continue
                fields.file, fields.text = "", whole
            if one.flag == "-":
                self._is_ignoring = self._is_ignoring or self._is_open
                return None
            return self._entered(fields, line)

    # --- one line

    def _match(self, line: str, *, is_tail: bool) -> tuple[int, Format, _Fields] | None:
        """The first format that matches, and what it finds."""
        start, self._start = self._start, 0
        if self._any and not self._search(self._any, line):
            return None
        for number in range(start, len(self._formats)):
            one = self._formats[number]
            if is_tail and one.prefix not in ("O", "P", "Q"):
                continue
            match = self._search(one.pattern, line)
            if not match or (one.prefix in ("C", "Z") and not self._is_open):
                continue
            fields = _fields(one, match, line, is_tail=is_tail)
            if fields is not None and not (one.prefix in ("O", "P", "Q") and self._lacks(fields)):
                return number, one, fields
        return None

    def _lacks(self, fields: _Fields) -> bool:
        """Whether a file is named of which there is none."""
        if not fields.file:
            return False
        if self._exists:
            return not self._exists(fields.file)
        return not _PLAUSIBLE.match(fields.file)

    def _file_told(self, prefix: str, file: str) -> None:
        if prefix == "P" and file:
            self._files.append(file)
        elif prefix == "Q" and self._files:
            self._files.pop()

    # --- the list

    def _added(self, entry: Entry) -> Entry:
        self._last = entry
        return entry

    def _entered(self, fields: _Fields, line: str) -> Entry:
        entry = Entry(
            is_valid=fields.is_valid,
            prefix=fields.prefix,
            line=fields.line,
            end_line=fields.end_line,
            column=fields.column,
            end_column=fields.end_column,
            is_screen_column=fields.is_screen_column,
            number=fields.number,
            kind=fields.kind,
            text=fields.text,
            search=fields.search,
            module=fields.module,
            lines=[line],
        )
        self._place(entry, fields)
        return self._added(entry)

    def _continued(self, prefix: str, fields: _Fields, line: str) -> Entry | None:
        """A line that adds to the last entry what that does not have yet."""
        entry = None if self._is_ignoring else self._last
        if prefix == "Z":
            self._is_open = self._is_ignoring = False
        if entry is None:
            return None
        entry.lines.append(line)
        if fields.text and len(entry.text) < MESSAGE_LIMIT:
            entry.text += f"\n{fields.text}"
        entry.number = entry.number or fields.number
        entry.kind = entry.kind or fields.kind
        entry.line = entry.line or fields.line
        entry.end_line = entry.end_line or fields.end_line
        if not entry.column:
            entry.column = fields.column
            entry.is_screen_column = fields.is_screen_column
        entry.end_column = entry.end_column or fields.end_column
        if not entry.file:
            self._place(entry, fields)
        return entry

    def _place(self, entry: Entry, fields: _Fields) -> None:
        file = fields.file
        directory = self._directories.top
        if not file and directory is None and fields.is_valid and self._files:
            file = self._files[-1]
        if file and directory is not None:
            entry.is_rooted = True
            file = self._directories.locate(file)
        entry.file = file


@dataclasses.dataclass
class _Fields:
    """What one format finds in one line."""

    prefix: str
    kind: str
    text: str
    file: str = ""
    number: str = ""
    line: int = 0
    end_line: int = 0
    column: int = 0
    end_column: int = 0
    is_screen_column: bool = False
    search: str = ""
    module: str = ""
    tail: str = ""
    is_valid: bool = True


def _fields(one: Format, match: regex.Match[str], line: str, *, is_tail: bool) -> _Fields | None:
    """None if the format has no line after all: a field of it was found nowhere, or there is
    no buffer of the number told (there are none here)."""
    found: dict[str, str] = {}
    for name, group in one.groups.items():
        # A backslash before its field may have made a group no group.
        if group > match.re.groups or match[group] is None:
            return None
        found[name] = match[group]
        if name in _NUMBERS:
            # Vim reads on while there are digits, though the pattern may give the last to another.
            found[name] = _digits(line, match.start(group))
    if "b" in found:
        return None
    kind = one.prefix if one.prefix in ("E", "W", "I", "N") else ""
    kind = found.get("t", kind)
    fields = _Fields(one.prefix, kind if kind.isprintable() else "", found.get("m", ""))
    if one.flag == "+" and not is_tail:
        fields.text = line
    # Vim passes over the blanks before a name.
    fields.file = found.get("f", "").lstrip(" \t")
    fields.number = found.get("n", "")
    fields.line = _number(found, "l")
    fields.end_line = _number(found, "e")
    fields.column = _number(found, "c")
    fields.end_column = _number(found, "k")
    fields.search = found.get("s", "")
    fields.module = found.get("o", "")
    fields.tail = found.get("r", "")
    if "p" in found:
        fields.column = len(found["p"].expandtabs(8)) + 1
        fields.is_screen_column = True
    if "v" in found:
        fields.column = _number(found, "v")
        fields.is_screen_column = True
    return fields


def _digits(line: str, start: int) -> str:
    match = _DIGITS.match(line, start)
    return match[0] if match else ""


def _number(found: dict[str, str], name: str) -> int:
    text = found.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
