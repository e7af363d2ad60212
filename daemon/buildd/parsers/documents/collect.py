"""Collects the lines of one log that together form a JSON or XML document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import msgspec

from buildd.base.lone_surrogates import without_lone_surrogates

LIMIT = 32 << 20
"""The most characters of a document over many lines; a longer one is passed over."""

FOREIGN_LINES_LIMIT = 20
"""The number of foreign lines within a document after which it is given up. Other programs may
print while a tool writes its document.
"""

_DECODER = json.JSONDecoder()
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_BARE = re.compile(r"[\s{}\[\]:,0-9.eE+\-]*(?:(?:true|false|null|NaN)[\s{}\[\]:,0-9.eE+\-]*)*")
_END = re.compile(r"[\s\]}]*[\]}](?=\s)")
_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9A-Fa-f]+)|(?P<number>\d+));")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def documents(text: str) -> Iterator[Any]:
    """Yields the JSON documents that a text begins with: one, or several in a row."""
    try:
        yield msgspec.json.decode(text)
        return
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    text = without_lone_surrogates(text)
    at = 0
    while at < len(text) and text[at] in "{[":
        try:
            document, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield document
        while at < len(text) and text[at] in " \t,":
            at += 1


class JsonCollector:
    """Collects one JSON object or list from consecutive lines."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0
        self._depth = 0
        self._foreign_lines_left = FOREIGN_LINES_LIMIT

    def feed(self, line: str) -> bool:
        """Returns whether the line is part of the document."""
        bare = _STRING.sub("", line)
        if not _BARE.fullmatch(bare):
            # The output of another program may follow the end on the same line.
            end = _END.match(line)
            if not end or end[0].count("]") + end[0].count("}") < self._depth:
                self._foreign_lines_left -= 1
                return False
            bare = line = end[0]
        depth = self._depth + bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
        self._size += len(line)
        self._depth = depth
        self._lines.append(line)
        return True

    @property
    def is_complete(self) -> bool:
        """Returns whether the document has ended."""
        return self._depth <= 0

    @property
    def is_given_up(self) -> bool:
        """Returns whether the document is too long or not JSON after all."""
        return self._foreign_lines_left <= 0 or self._size > LIMIT

    def document(self) -> Any:
        """Returns the decoded document, or None if it is not JSON after all."""
        text, self._lines = "\n".join(self._lines), []
        return next(documents(text.lstrip()), None)


class XmlCollector:
    """Collects one XML document from consecutive lines."""

    def __init__(self) -> None:
        self._parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("start", "end"))
        self._depth = 0
        self._size = 0
        self.root: ElementTree.Element | None = None
        """The outermost element as far as it was read; None before it begins."""
        self.is_complete = False
        self.is_given_up = False

    def feed(self, line: str) -> None:
        """Reads a line of the document."""
        self._size += len(line)
        try:
            self._parser.feed(_without_forbidden(line) + "\n")
            for event in self._parser.read_events():
                self._see(*event)
                if self.is_complete:
                    # Another program's progress may follow on the last line, as with cppcheck.
                    return
        except (ElementTree.ParseError, ValueError):
            self.is_given_up = True
        self.is_given_up = self.is_given_up or self._size > LIMIT

    def _see(self, kind: str, element: Any) -> None:
        if kind == "start":
            # Namespaces do not matter here.
            element.tag = element.tag.rpartition("}")[2]
            self._depth += 1
            if self.root is None:
                self.root = element
            return
        self._depth -= 1
        self.is_complete = self._depth == 0


def _without_forbidden(line: str) -> str:
    """Replaces the characters that XML forbids; tools write them all the same."""
    if "&#" in line:
        line = _REFERENCE.sub(_reference, line)
    return _FORBIDDEN.sub("\ufffd", line)


def _reference(match: re.Match[str]) -> str:
    digits = match["hex"] or match["number"]
    number = int(digits[:9], 16 if match["hex"] else 10)
    is_fit = number <= 0x10FFFF and not _FORBIDDEN.match(chr(number))
    return match[0] if is_fit else "\ufffd"
