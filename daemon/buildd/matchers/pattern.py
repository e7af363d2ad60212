"""Checks and applies one pattern of a VS Code problem matcher."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import regex

from buildd.matchers.base import MatcherError
from buildd.matchers.javascript_regex import javascript

FIELDS = (
    "file",
    "message",
    "code",
    "severity",
    "location",
    "line",
    "column",
    "endLine",
    "endColumn",
)
_TRIMMED = ("file", "message", "code", "severity", "location")
_KNOWN = {*FIELDS, "regexp", "kind", "loop", "name", "label"}
_INTEGER = re.compile(r"\s*(\d{1,9})")


@dataclasses.dataclass(frozen=True)
class Pattern:
    """Describes one pattern: its regular expression, and what each group holds.

    `groups` maps each field to its group; 0 is the whole match.
    """

    regexp: regex.Pattern[str]
    groups: Mapping[str, int]
    is_of_file: bool = False
    """Whether a diagnostic concerns a whole file, not a place in it."""
    is_looping: bool = False
    """Whether it matches further lines, each of which is a diagnostic."""


def patterns(definition: Any, where: str) -> tuple[Pattern, ...]:
    """Returns the checked patterns, which match consecutive lines.

    Raises MatcherError, which names `where` the patterns stand.
    """
    if isinstance(definition, Mapping) and "patterns" in definition:
        definition = definition["patterns"]
    is_single = not isinstance(definition, list | tuple)
    rows = [definition] if is_single else list(definition)
    if not rows:
        raise MatcherError(f"{where}: `pattern` is empty", "Give it an object with a `regexp`.")
    names = [where if is_single else f"{where}: pattern {number}" for number in _from_one(rows)]
    found = tuple(
        _pattern(row, name, has_defaults=is_single) for row, name in zip(rows, names, strict=True)
    )
    for pattern, name in zip(found[:-1], names, strict=False):
        if pattern.is_looping:
            raise MatcherError(
                f"{name}: `loop` is of use in the last pattern only", "Move it, or remove it."
            )
    for row, name in list(zip(rows, names, strict=True))[1:]:
        if "kind" in row:
            raise MatcherError(f"{name}: `kind` belongs into the first pattern", "Move it there.")
    fields = {field for pattern in found for field in pattern.groups}
    if not {"file", "message"} <= fields:
        raise MatcherError(
            f"{where}: no pattern tells both `file` and `message`",
            "Give each the number of the group that holds it.",
        )
    if not found[0].is_of_file and not fields & {"line", "location"}:
        raise MatcherError(
            f"{where}: no pattern tells `line` or `location`",
            'Give one the number of the group that holds it, or say `"kind": "file"`.',
        )
    return found


def _from_one(rows: list[Any]) -> range:
    return range(1, len(rows) + 1)


def _pattern(row: Any, where: str, *, has_defaults: bool) -> Pattern:
    if not isinstance(row, Mapping) or not isinstance(row.get("regexp"), str):
        raise MatcherError(f"{where}: `regexp` is missing", "It holds a regular expression.")
    if unknown := next((key for key in row if key not in _KNOWN), None):
        raise MatcherError(
            f"{where}: `{unknown}` is not known", f"A pattern has {', '.join(sorted(_KNOWN))}."
        )
    kind = row.get("kind", "location")
    if not isinstance(kind, str) or kind.lower() not in ("file", "location"):
        raise MatcherError(f"{where}: `kind` is neither `file` nor `location`", "Choose one.")
    if not isinstance(row.get("loop", False), bool):
        raise MatcherError(f"{where}: `loop` is neither true nor false", "Choose one.")
    regexp = javascript(row["regexp"], f"{where}: `regexp`")
    groups = {field: row[field] for field in FIELDS if field in row}
    for field, group in groups.items():
        if not isinstance(group, int) or isinstance(group, bool) or not 0 <= group <= regexp.groups:
            raise MatcherError(
                f"{where}: `{field}` is {group!r}, but the regexp has {regexp.groups} groups",
                "It is the number of a group, and 0 is all that matched.",
            )
    if has_defaults:
        _add_defaults(groups, regexp.groups, is_of_file=kind.lower() == "file")
    return Pattern(regexp, groups, kind.lower() == "file", row.get("loop", False))


def _add_defaults(groups: dict[str, int], count: int, *, is_of_file: bool) -> None:
    """Adds the fields that a single pattern may leave out.

    A group that it uses for another field, or that does not exist, is not used.
    """
    defaults = {"file": 1, "message": 0}
    if not groups.get("location") and not is_of_file:
        defaults |= {"line": 2, "column": 3}
    used = set(groups.values())
    for field, group in defaults.items():
        if field not in groups and group <= count and (group not in used or not group):
            groups[field] = group


def fill(found: dict[str, str], pattern: Pattern, match: regex.Match[str]) -> None:
    """Adds the fields that a pattern matched in a line.

    What earlier patterns matched stays; only messages grow.
    """
    for field, group in pattern.groups.items():
        value = match[group]
        if value is None:
            continue
        if field in _TRIMMED:
            value = value.strip()
        if field not in found:
            found[field] = value
        elif field == "message":
            found[field] += f"\n{value}"


def location(found: Mapping[str, str]) -> tuple[int, int, int, int] | None:
    """Returns line, column, end line and end column, 0 if missing; None without a line.

    They count from 1, as the tool printed them.
    """
    if text := found.get("location"):
        numbers = [integer(part) for part in text.split(",")]
        if not any(numbers):
            return None
        numbers += [0] * 4
        return (
            (numbers[0], numbers[1], numbers[2], numbers[3])
            if text.count(",") > 2
            else (numbers[0], numbers[1], 0, 0)
        )
    if not found.get("line"):
        return None
    line, column, end_line, end_column = (
        integer(found.get(field, "")) for field in ("line", "column", "endLine", "endColumn")
    )
    return line, column, end_line, end_column


def integer(text: str) -> int:
    """Returns the number that a text begins with, or 0."""
    match = _INTEGER.match(text)
    return int(match[1]) if match else 0
