"""Reads what gcc prints below an excerpt: the events that led to a diagnostic, nested notes."""

from __future__ import annotations

import re

import msgspec

# Since gcc 15 the lines between events are drawn; before they were typed.
_DEPTH = r"(?:\(level \d+\):)?"
_EVENTS = re.compile(r" +(?:[‘'`].*[’'`]: )?events? \d+(?:-\d+)?(?: \(.*\))?:?$")
_FILE = re.compile(
    rf" *{_DEPTH}[│|]? *(?P<file>(?:[A-Za-z]:[\\/])?[^\s:│|][^:\n]*):(?P<line>\d+):"
    r"(?:(?P<column>\d+):)? *$"
)
_ROW = re.compile(rf" *{_DEPTH}(?: *[│|])? *(?P<line>\d+) \|(?P<text>.*)")
_LABEL = re.compile(
    r"(?: *[│|])? +\|(?P<before>.[^(]*)\(\d+\) (?:⚠️ *)?(?P<text>.*?)(?: [─>┐│┘+|-]+)?\s*$"
)
_NESTED = re.compile(rf"(?P<indent> +){_DEPTH}[•*] {_DEPTH}(?P<text>\S.*)")
_CHAIN = re.compile(r"(?:In file included| +) from [^\n]+[:,]$")
_DRAWN = re.compile(r" *(?:[│|+└<├┌─]|\+-)")


class Note(msgspec.Struct):
    """A place that the text names; its column counts screen columns if `is_drawn`."""

    file: str
    line: int
    column: int | None
    text: str
    is_drawn: bool


class Tail:
    """Reads the lines below the excerpt of a diagnostic in `file`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._line = 0
        self._part = ""
        self._text = ""
        """The text of the nested note whose place comes next."""

    def feed(self, line: str) -> Note | bool:
        """Returns the note that the line completes, or whether the line belongs to the tail."""
        if _EVENTS.match(line):
            self._part = "events"
            return True
        if match := _NESTED.match(line):
            self._part, self._text = "nested", match["text"]
            return True
        if self._part == "events":
            return self._event(line)
        return self._part == "nested" and self._place(line)

    def _event(self, line: str) -> Note | bool:
        if match := _LABEL.match(line):
            column = len(match["before"])
            return Note(self._file, self._line or 1, column, match["text"], is_drawn=True)
        if match := _ROW.match(line):
            self._line = int(match["line"][:9])
        elif match := _FILE.match(line):
            self._file = match["file"]
        else:
            return bool(_DRAWN.match(line))
        return True

    def _place(self, line: str) -> Note | bool:
        if self._text and (match := _FILE.match(line)) and line.startswith(" "):
            text, self._text = self._text, ""
            column = int(match["column"][:9]) if match["column"] else None
            return Note(match["file"], int(match["line"][:9]), column, text, is_drawn=False)
        # A candidate can be in another file than the one before.
        return bool(_CHAIN.match(line) or _ROW.match(line) or re.match(rf" +{_DEPTH} *\| ", line))
