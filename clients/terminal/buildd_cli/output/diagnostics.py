"""Diagnostics as text: file, line and column, the message, and on a terminal the source line."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.safe_open import read_regular
from buildd_cli.output.terminal import (
    BLUE,
    BOLD,
    CYAN,
    DIM,
    GREEN,
    RED,
    YELLOW,
    Style,
    clean,
    count,
)

_FILE_LIMIT = 16 << 20
"""Bytes of a file from which lines are shown."""

Diagnostic = Mapping[str, Any]
"""A diagnostic as on the wire: lines and columns from 1, columns in code points, ends exclusive."""

COLOURS = {"error": RED, "warning": YELLOW, "information": BLUE, "hint": CYAN}

LONGEST = 400
"""The most characters of a source line that are shown."""


def diagnostics_text(found: Sequence[Diagnostic], style: Style, directory: str) -> str:
    """Return all diagnostics as lines; paths inside `directory` are shown relative to it."""
    sources: dict[str, list[str]] = {}
    lines: list[str] = []
    for diagnostic in found:
        lines += _diagnostic_lines(diagnostic, style, directory, sources)
    return "".join(f"{line}\n" for line in lines)


def totals(found: Sequence[Diagnostic]) -> str:
    """Return the numbers by severity, as `1 error, 2 warnings`; empty without diagnostics."""
    parts = []
    for severity, noun in (
        ("error", "error"),
        ("warning", "warning"),
        ("information", "note"),
        ("hint", "hint"),
    ):
        if number := sum(1 for diagnostic in found if diagnostic["severity"] == severity):
            parts.append(count(number, noun))
    return ", ".join(parts)


def short_path(path: str, directory: str) -> str:
    """Return the path relative to `directory` if it is inside it, else unchanged."""
    inside = os.path.join(directory, "")
    return path.removeprefix(inside)


def excerpt(line: str, start: int, end: int) -> tuple[str, str]:
    """Return a source line and the `^~~~` below its columns `start` to `end` (from 1, exclusive).

    The marks are aligned for a terminal: tabs stay tabs, wide characters take two columns.
    """
    # A line that is longer than any screen would hide the marks.
    line = clean(line[:LONGEST].rstrip("\r\n"))
    start = min(max(start, 1), len(line) + 1)
    before = "".join(c if c == "\t" else " " * _width(c) for c in line[: start - 1])
    marked = sum(map(_width, line[start - 1 : max(end, start + 1) - 1]))
    return line, before + "^" + "~" * max(marked - 1, 0)


def _diagnostic_lines(
    diagnostic: Diagnostic, style: Style, directory: str, sources: dict[str, list[str]]
) -> list[str]:
    colour = COLOURS.get(diagnostic["severity"], BOLD)
    message, *more = clean(diagnostic["message"]).split("\n")
    head = f"{style.paint(diagnostic['severity'], BOLD, colour)}: {message}"
    if diagnostic["file"]:
        head = f"{style.paint(_place(diagnostic, directory), BOLD)}: {head}"
    origin = " ".join(filter(None, (diagnostic["source"], diagnostic["code"])))
    if origin:
        head += " " + style.paint(f"[{clean(origin)}]", DIM)
    lines = [head, *(f"    {line}" for line in more)]
    if style.terminal:
        lines += _excerpt_lines(diagnostic, style, sources)
    for note in diagnostic.get("related", ()):
        first, *rest = clean(note["message"]).split("\n")
        lines.append(f"    {_place(note, directory)}: {first}")
        lines += [f"        {line}" for line in rest]
    return lines


def _place(place: Mapping[str, Any], directory: str) -> str:
    return clean(f"{short_path(place['file'], directory)}:{place['line']}:{place['column']}")


def _excerpt_lines(
    diagnostic: Diagnostic, style: Style, sources: dict[str, list[str]]
) -> list[str]:
    file, number = diagnostic["file"], diagnostic["line"]
    if file not in sources:
        sources[file] = _read_lines(file)
    if not 0 < number <= len(sources[file]):
        return []
    text = sources[file][number - 1]
    end = diagnostic["endColumn"] if diagnostic["endLine"] == number else len(text) + 1
    line, mark = excerpt(text, diagnostic["column"], end)
    gutter = f"{number:5} | "
    blank = " " * (len(gutter) - 2) + "| "
    return [
        style.paint(gutter, DIM) + line,
        style.paint(blank, DIM) + style.paint(mark, BOLD, GREEN),
    ]


def _read_lines(file: str) -> list[str]:
    try:
        text = read_regular(file, _FILE_LIMIT).decode("utf-8", "replace")
    except OSError:
        return []
    # Compilers end lines only at line feeds, not at Unicode's other line separators.
    return text.split("\n")


def _width(character: str) -> int:
    """Return the number of screen columns that a character takes."""
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
