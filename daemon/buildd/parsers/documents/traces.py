"""The places that the text of a failed test names: stack traces of many languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from buildd.model import ColumnUnit, Span
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.java_frames import is_own, path_of

LIMIT = 32_768
"""Characters of a text that are looked at."""

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
    """Numbers as they stand in the text; `column` may be empty."""

    file: str
    line: str
    column: str = ""


def places(text: str, group: str = "") -> Iterator[TraceFrame]:
    """The user's own, the one that is to blame first; `group` is the class of the test."""
    text = _URL.sub("", text[:LIMIT])
    if found := [TraceFrame(one["file"], one["line"]) for one in _PYTHON.finditer(text)]:
        # The innermost call stands last.
        yield from (one for one in reversed(found) if not _is_other(one.file))
        return
    if frames := list(_JAVA.finditer(text)):
        frames = [one for one in frames if is_own(one["name"])]
        for one in frames:
            yield TraceFrame(path_of(_class_of(one["name"]), one["file"], group), one["line"])
        return
    for pattern in (_DOTNET, _BOOST, _BATS, _DARTS):
        if pattern.search(text):
            for one in pattern.finditer(text):
                yield TraceFrame(one["file"], one["line"], one.groupdict().get("column") or "")
            return
    if match := _CAUSE.search(text):
        # Node's test runner wraps what went wrong.
        text = text[match.end() :]
    for one in (*_FRAME.finditer(text), *_PLAIN.finditer(text)):
        if not _is_other(one["file"]) and not _HOSTS.match(one["file"]):
            row = one.groupdict().get("row")
            yield TraceFrame(one["file"], one["line"] or row or "", one["column"] or "")


def span_of(place: TraceFrame, report: ParseResult) -> Span:
    """The place as the report has it."""
    unit = ColumnUnit.UTF16 if _SCRIPT.search(place.file) else ColumnUnit.BYTE
    return report.span(place.file, place.line, place.column or None, unit=unit)


def _is_other(file: str) -> bool:
    return any(other in file for other in _OTHERS[:-2]) or file.startswith(_OTHERS[-2:])


def _class_of(method: str) -> str:
    return method.rpartition(".")[0] or method
