"""Checks the definition of a VS Code problem matcher, and fills in what it leaves out."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any

import regex

from buildd.matchers.base import Exists, MatcherError
from buildd.matchers.file_location import FileLocation, file_location
from buildd.matchers.javascript_regex import javascript
from buildd.matchers.named import MATCHERS, PATTERNS
from buildd.matchers.pattern import Pattern, patterns
from buildd.model import ColumnUnit, Severity

_KNOWN = (
    "base",
    "owner",
    "source",
    "severity",
    "fileLocation",
    "pattern",
    "background",
    "watching",
    "applyTo",
    "name",
    "label",
    "columnUnit",
    "watchedTaskBeginsRegExp",
    "watchedTaskEndsRegExp",
)
_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "info": Severity.INFORMATION,
}


@dataclasses.dataclass(frozen=True)
class Background:
    """Describes how a tool that watches files announces that a cycle begins and ends."""

    begins: regex.Pattern[str]
    ends: regex.Pattern[str]
    is_active_on_start: bool = False


@dataclasses.dataclass(frozen=True)
class MatcherDefinition:
    """Describes one problem matcher.

    `unit` is what its columns count; UTF-16 units, as in VS Code, unless it says otherwise.
    """

    source: str
    severity: Severity
    location: FileLocation
    patterns: tuple[Pattern, ...]
    background: Background | None = None
    unit: ColumnUnit = ColumnUnit.UTF16


def definition(
    given: str | Mapping[str, Any], folder: str = "", exists: Exists | None = None
) -> MatcherDefinition:
    """Returns the checked form of an object, or of a name after a `$`.

    `folder` is the project's directory, an absolute path; it is empty if commands start there.
    Raises MatcherError.
    """
    row = _merged(given)
    where = f"problem matcher `{row['name']}`" if row.get("name") else "problem matcher"
    pattern = row.get("pattern")
    if pattern is None:
        raise MatcherError(f"{where}: `pattern` is missing", 'Give it one, or a `base` as "$gcc".')
    if isinstance(pattern, str):
        pattern = _named(pattern, PATTERNS, f"{where}: pattern")
    severity = row.get("severity", "error")
    if not isinstance(severity, str) or severity.lower() not in _SEVERITIES:
        raise MatcherError(f"{where}: `severity` is {severity!r}", "It is error, warning or info.")
    unit = row.get("columnUnit", ColumnUnit.UTF16)
    if unit not in list(ColumnUnit):
        units = ", ".join(ColumnUnit)
        raise MatcherError(f"{where}: `columnUnit` is {unit!r}", f"It is one of {units}.")
    return MatcherDefinition(
        row.get("source") or row.get("owner") or row.get("name") or "matcher",
        _SEVERITIES[severity.lower()],
        file_location(row.get("fileLocation", "relative"), where, folder, exists),
        patterns(pattern, where),
        _background(row, where),
        ColumnUnit(unit),
    )


def _merged(given: str | Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Returns a definition together with what it inherits from its `base`."""
    if isinstance(given, str):
        row = dict(_named(given, MATCHERS, "problem matcher"))
        row["name"] = given[1:]
    else:
        row = dict(given)
        _check(row)
    base = row.pop("base", None)
    if base is None:
        return row
    if not isinstance(base, str) or depth > 5:
        raise MatcherError("problem matcher: `base` is no name", 'It is a name as "$gcc".')
    return {**_merged(base, depth + 1), **row}


def _check(row: Mapping[str, Any]) -> None:
    for key in row:
        if key not in _KNOWN:
            near = difflib.get_close_matches(str(key), _KNOWN, 1)
            raise MatcherError(
                f"problem matcher: `{key}` is not known",
                f"Did you mean `{near[0]}`?" if near else f"It has {', '.join(_KNOWN[:7])}.",
            )
    for key in ("owner", "source", "name"):
        if not isinstance(row.get(key, ""), str):
            raise MatcherError(f"problem matcher: `{key}` is no text", "Put it in quotes.")


def _named(name: str, table: Mapping[str, Any], what: str) -> Any:
    if not name.startswith("$"):
        raise MatcherError(f"{what}: `{name}` is no name", f"Names begin with a `$`: `${name}`.")
    if name[1:] not in table:
        near = difflib.get_close_matches(name[1:], table, 1)
        raise MatcherError(
            f"{what}: there is none of the name `{name}`",
            f"Did you mean `${near[0]}`?" if near else "Known: $" + ", $".join(sorted(table)) + ".",
        )
    return table[name[1:]]


def _background(row: Mapping[str, Any], where: str) -> Background | None:
    given = row.get("background") or row.get("watching")
    if "watchedTaskBeginsRegExp" in row or "watchedTaskEndsRegExp" in row:
        given = {
            "beginsPattern": row.get("watchedTaskBeginsRegExp"),
            "endsPattern": row.get("watchedTaskEndsRegExp"),
        }
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise MatcherError(f"{where}: `background` is no object", "It has a `beginsPattern`.")
    found: list[regex.Pattern[str]] = []
    for key in ("beginsPattern", "endsPattern"):
        pattern = given.get(key)
        if isinstance(pattern, Mapping):
            pattern = pattern.get("regexp")
        if not isinstance(pattern, str) or not pattern:
            raise MatcherError(
                f"{where}: `background` has no `{key}`",
                "It needs both, each a regular expression, or an object with a `regexp`.",
            )
        found.append(javascript(pattern, f"{where}: `{key}`"))
    return Background(found[0], found[1], given.get("activeOnStart") is True)
