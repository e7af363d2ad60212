"""Finds the places that the text of a failed test names, in stack traces of many languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from buildd.model import ColumnUnit, Span
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.java_frames import is_own, path_of

LIMIT = 32_768
"""The most characters of a text that are searched."""

_PYTHON = re.compile(r'^\s*File "(?P<file>[^"\n]+)", line (?P<line>\d+)', re.MULTILINE)
_DOTNET = re.compile(r" in (?P<file>[^\n]{1,400}?\.\w{1,4}):line (?P<line>\d+)")
_JAVA = re.compile(
    r"^\s*at (?:[\w.@-]+/{1,2})?(?P<name>[\w.$<>-]+)"
    r"\((?P<file>\w+\.(?:java|kt|scala|groovy)):(?P<line>\d+)\)",
    re.MULTILINE,
)
_BOOST = re.compile(r"^- file   : (?P<file>\S[^\n]*)\n- line   : (?P<line>\d+)", re.MULTILINE)
_BATS = re.compile(r"\(in test file (?P<file>[^\n]+), line (?P<line>\d+)\)")
_PLAIN = re.compile(
    r"(?P<file>(?:/|\.{1,2}/|[A-Za-z]:[\\/])?[^\s:()\[\]\"'<>,|`]{1,300}\.[A-Za-z]\w{0,4})"
    r"(?::(?P<line>\d+)(?::(?P<column>\d+))?|\((?P<row>\d+)\))"
)
_FRAME = re.compile(
    r"^\s+at (?:[^\n(]{0,300}\()?(?P<file>[^\s()]{1,300}\.[cm]?[jt]sx?)"
    r":(?P<line>\d+):(?P<column>\d+)\)?$",
    re.MULTILINE,
)
_CAUSE = re.compile(r"\n +(?:\[cause\]|cause): ")
_URL = re.compile(r"file://(?=/)")
_DARTS = re.compile(r"^(?P<file>[^\s:]+\.dart) (?P<line>\d+):(?P<column>\d+)\s", re.MULTILINE)
_OTHERS = (
    "site-packages",
    "dist-packages",
    "node_modules",
    "/lib/python3",
    "/usr/lib",
    "/usr/include",
    "/usr/local/lib",
    "/usr/share",
    "/vendor/",
    "/gems/",
    "/rustc/",
    "/.cargo/registry/",
    "node:",
    "internal/",
    "<",
    "org/",
)
_HOSTS = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|local)$")
_SCRIPT = re.compile(r"\.(?:[cm]?[jt]sx?|vue|svelte)$")


class TraceFrame(NamedTuple):
    """A place in a stack trace.

    Line and column are as printed; the column may be empty.
    """

    file: str
    line: str
    column: str = ""


def places(text: str, group: str = "") -> Iterator[TraceFrame]:
    """Yields the places in the project's own code, the most likely cause first.

    `group` is the class of the test.
    """
    text = _URL.sub("", text[:LIMIT])
    if found := [TraceFrame(match["file"], match["line"]) for match in _PYTHON.finditer(text)]:
        # The innermost call is last.
        yield from (frame for frame in reversed(found) if not _is_other(frame.file))
        return
    if frames := list(_JAVA.finditer(text)):
        frames = [match for match in frames if is_own(match["name"])]
        for match in frames:
            yield TraceFrame(path_of(_class_of(match["name"]), match["file"], group), match["line"])
        return
    for pattern in (_DOTNET, _BOOST, _BATS, _DARTS):
        if pattern.search(text):
            for match in pattern.finditer(text):
                yield TraceFrame(
                    match["file"], match["line"], match.groupdict().get("column") or ""
                )
            return
    if cause := _CAUSE.search(text):
        # Node's test runner wraps the error; its cause is what matters.
        text = text[cause.end() :]
    for match in (*_FRAME.finditer(text), *_PLAIN.finditer(text)):
        if not _is_other(match["file"]) and not _HOSTS.match(match["file"]):
            row = match.groupdict().get("row")
            yield TraceFrame(match["file"], match["line"] or row or "", match["column"] or "")


def span_of(place: TraceFrame, report: ParseResult) -> Span:
    """Returns the span of a frame. Columns of JavaScript count UTF-16 units, others bytes."""
    unit = ColumnUnit.UTF16 if _SCRIPT.search(place.file) else ColumnUnit.BYTE
    return report.span(place.file, place.line, place.column or None, unit=unit)


def _is_other(file: str) -> bool:
    return any(other in file for other in _OTHERS[:-2]) or file.startswith(_OTHERS[-2:])


def _class_of(method: str) -> str:
    return method.rpartition(".")[0] or method
