"""Makes Vim's quickfix list from a log and an 'errorformat', line by line.

It follows what Vim does, not only what its documentation says; the tests compare the two.
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
"""A name that looks like a file's: it has a directory or an extension. It is used if no one can
check whether the file exists.
"""

_NUMBERS = "lecknv"
_DIGITS = re.compile("[0-9]*")


@dataclasses.dataclass
class Entry:
    """Describes one entry of the list.

    Numbers that are unknown are 0, and `number` is empty. `is_valid` says whether the line matched,
    and `prefix` is that of its part. A relative `file` is relative to where the command started
    if `is_rooted`.
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
    """Reads a log line by line, and returns the entries."""

    def __init__(self, formats: Formats, search: Search, exists: Exists | None) -> None:
        self._formats = formats.parts
        self._any = formats.any
        self._search = search
        self._exists = exists
        self._directories = DirectoryStack(exists)
        self._files: list[str] = []
        self._last: Entry | None = None
        self._is_open = False
        """Whether following lines may continue the last message."""
        self._is_ignoring = False
        """Whether such lines are dropped."""
        self._start = 0
        """The index of the format from which on the next line is matched."""

    @property
    def growing(self) -> Entry | None:
        """Returns the entry that the next line may add something to, or None."""
        return self._last if self._is_open and not self._is_ignoring else None

    def read(self, line: str) -> Entry | None:
        """Returns the entry that the line belongs to, new or not, or None."""
        rest, tail = line, False
        whole = ""
        while True:
            found = self._match(rest, is_tail=tail)
            if found is None:
                self._is_open = self._is_ignoring = False
                return self._added(Entry(is_valid=False, text=rest))
            number, part, fields = found
            if part.prefix == "D" and not self._directories.push(fields.file):
                return self._added(Entry(is_valid=False, text=line))
            if part.prefix in ("D", "X"):
                if part.prefix == "X":
                    self._directories.pop()
                return self._added(Entry(is_valid=False, prefix=part.prefix, text=rest))
            if part.is_resumed:
                self._start = number
            if part.prefix in ("A", "E", "W", "I", "N"):
                self._is_open, self._is_ignoring = True, False
            elif part.prefix in ("C", "Z"):
                return self._continued(part.prefix, fields, rest)
            elif part.prefix in ("O", "P", "Q"):
                self._enter_file(part.prefix, fields.file)
                fields.is_valid = False
                whole = whole or fields.text
                # A format that matches nothing but a rest sends Vim into an endless loop.
                if fields.tail and len(following := fields.tail.lstrip(" \t")) < len(rest):
                    rest, tail = following, True
                    continue
                fields.file, fields.text = "", whole
            if part.flag == "-":
                self._is_ignoring = self._is_ignoring or self._is_open
                return None
            return self._entered(fields, line)

    # --- one line

    def _match(self, line: str, *, is_tail: bool) -> tuple[int, Format, _Fields] | None:
        """Returns the index of the first format that matches, the format, and its fields."""
        start, self._start = self._start, 0
        if self._any and not self._search(self._any, line):
            return None
        for number in range(start, len(self._formats)):
            part = self._formats[number]
            if is_tail and part.prefix not in ("O", "P", "Q"):
                continue
            match = self._search(part.pattern, line)
            if not match or (part.prefix in ("C", "Z") and not self._is_open):
                continue
            fields = _fields(part, match, line, is_tail=is_tail)
            if fields is not None and not (part.prefix in ("O", "P", "Q") and self._lacks(fields)):
                return number, part, fields
        return None

    def _lacks(self, fields: _Fields) -> bool:
        """Returns whether the fields name a file that does not exist."""
        if not fields.file:
            return False
        if self._exists:
            return not self._exists(fields.file)
        return not _PLAUSIBLE.match(fields.file)

    def _enter_file(self, prefix: str, file: str) -> None:
        """Enters a file by `%P`, or leaves one by `%Q`."""
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
        """Adds to the last entry what the line has and the entry lacks."""
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
    """Holds what one format matches in one line."""

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


def _fields(part: Format, match: regex.Match[str], line: str, *, is_tail: bool) -> _Fields | None:
    """Returns the fields of a match, or None if the format does not match after all.

    It does not if a field matched nothing, or if it names the number of a buffer: there are no
    buffers here.
    """
    found: dict[str, str] = {}
    for name, group in part.groups.items():
        # A backslash before the field may have undone its group.
        if group > match.re.groups or match[group] is None:
            return None
        found[name] = match[group]
        if name in _NUMBERS:
            # Vim reads all digits, even if the pattern leaves the last ones to another field.
            found[name] = _digits(line, match.start(group))
    if "b" in found:
        return None
    kind = part.prefix if part.prefix in ("E", "W", "I", "N") else ""
    kind = found.get("t", kind)
    fields = _Fields(part.prefix, kind if kind.isprintable() else "", found.get("m", ""))
    if part.flag == "+" and not is_tail:
        fields.text = line
    # Vim skips the blanks before a name.
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
