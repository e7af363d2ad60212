"""Output that is made for programs: JSON and XML, by the line or over many. Pure.

To add a form: write a module with a class derived from `Reader`, and add a line to `READERS`.
"""

from __future__ import annotations

import importlib
from typing import Any
from xml.etree import ElementTree

import msgspec

from buildd.parsers.base import Parser
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import Report

LIMIT = 16 << 20
"""Characters of a document over many lines; a longer one is passed over."""

READERS: tuple[str, ...] = (
    "sarif:Sarif",
    "cargo:Cargo",
    "go_events:GoEvents",
    "gcc_json:GccJson",
    "linters:Eslint",
    "linters:Stylelint",
    "linters:Ruff",
    "linters:Mypy",
    "linters:Pyright",
    "linters:Pylint",
    "linters:Shellcheck",
    "linters:Golangci",
    "linters:Ghc",
    "linters:Phpstan",
    "linters:Rubocop",
    "linters:CodeQuality",
    "jest:Jest",
    "junit:Junit",
    "checkstyle:Checkstyle",
    "checkstyle:Cppcheck",
)
"""Each reader, and the module it is in; the first that knows a document has it."""

_OPENERS = ("{", "[", "<")
_XML = ("<?xml", "<testsuite", "<checkstyle", "<results")


class Documents(Parser):
    """Collects whole documents and hands them to the reader that knows their form."""

    TOOLS = "SARIF 2.1, JUnit XML, Checkstyle XML and the JSON of many tools"
    LEVEL = ("structured",)
    HINTS = ('{"', "[{", "[]", "\n{", "\n[", *_XML)
    WHOLE = True

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._readers = [_imported(place)(report) for place in READERS]
        self._lines: list[str] = []
        self._size = 0
        self._end = ""
        """How the last line of the document under way begins."""

    def begin(self, line: str) -> bool:
        if not line.startswith(_OPENERS):
            return False
        self._lines = []
        if line.startswith("<"):
            return self._begin_xml(line)
        if line[1:].lstrip()[:1] not in ("", '"', "{", "[", "]", "}"):
            # As `[ERROR] ` and `[warn] `.
            return False
        if line.rstrip().endswith(("}", "]")) and (document := _json(line)) is not None:
            return self._hand_on(document)
        if len(line) > 1 and '"' not in line and line.rstrip() not in ("[{", "{}", "[]"):
            return False
        self._end = "}" if line.startswith("{") else "]"
        self._collect(line)
        return True

    def more(self, line: str) -> bool | None:
        if not self._lines:
            return False
        if self._end.startswith("<"):
            return self._more_xml(line)
        start = line.lstrip()[:1]
        if self._size + len(line) > LIMIT or (start and start not in '"{}[],-0123456789tfn'):
            # It only looked like one.
            self._lines = []
            return False
        self._collect(line)
        if line.startswith(self._end):
            text, self._lines = "\n".join(self._lines), []
            if (document := _json(text)) is not None:
                self._hand_on(document)
        return True

    def finish(self) -> None:
        for reader in self._readers:
            reader.finish()

    def _begin_xml(self, line: str) -> bool:
        if not line.startswith(_XML):
            return False
        self._end = "<"
        return self._more_xml(line)

    def _more_xml(self, line: str) -> bool:
        if self._size + len(line) > LIMIT and self._lines:
            self._lines = []
            return False
        self._collect(line)
        if self._end == "<" and (found := next((one for one in _XML[1:] if one in line), "")):
            # `<testsuites>` holds many `<testsuite>`.
            self._end = f"</{found[1:]}{'s' if found + 's' in line else ''}>"
        is_known = self._end != "<"
        if not is_known and len(self._lines) > 5:
            # A prologue of some other XML.
            self._lines = []
            return False
        is_empty = line.rstrip().endswith("/>") and len(self._lines) < 3
        if is_known and (self._end in line or (is_empty and line.startswith(_XML))):
            text, self._lines = "\n".join(self._lines), []
            # What follows on its last line is another tool's progress, as cppcheck's.
            end = text.rfind(self._end) if self._end in text else text.rfind(">")
            try:
                document = ElementTree.fromstring(text[: text.find(">", end) + 1])  # noqa: S314
            except ElementTree.ParseError:
                return True
            self._hand_on(document)
        return True

    def _collect(self, line: str) -> None:
        if not self._lines:
            self._size = 0
        self._lines.append(line)
        self._size += len(line)

    def _hand_on(self, document: object) -> bool:
        for reader in self._readers:
            try:
                if reader.read(document):
                    return True
            except (msgspec.ValidationError, LookupError, TypeError, ValueError, AttributeError):
                # Something that has the form of what it knows, but not all of it.
                continue
        return False


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def _imported(place: str) -> type[Reader]:
    module, _, attribute = place.partition(":")
    path = f"buildd.parsers.documents.{module}"
    found: type[Reader] = getattr(importlib.import_module(path), attribute)
    return found
