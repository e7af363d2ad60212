"""Finds the files that a problem matcher names, by its `fileLocation`."""

from __future__ import annotations

import dataclasses
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from buildd.matchers.base import Exists, MatcherError
from buildd.parsers.report import ParseResult

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_KINDS = {"absolute": "absolute", "relative": "relative", "autodetect": "autoDetect"}
_REMEDY = (
    '`fileLocation` is "absolute", "relative", "autoDetect", or ["relative", "DIRECTORY"], '
    '["autoDetect", "DIRECTORY"] or ["search", {"include": ["DIRECTORY"]}].'
)


@dataclasses.dataclass(frozen=True)
class FileLocation:
    """Describes where a problem matcher looks for files.

    A name is relative to the first of `directories` that contains it. Each of these is absolute or
    relative to where the command started. If there are none, names are relative to that.
    """

    kind: str = "relative"
    directories: tuple[str, ...] = ()
    exists: Exists | None = None


def file_location(given: Any, where: str, folder: str, exists: Exists | None) -> FileLocation:
    """Returns the checked form of a matcher's `fileLocation`.

    `folder` is the project's directory, an absolute path, or empty if the command starts there.
    Raises MatcherError.
    """
    parts = [given] if isinstance(given, str) else given
    if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= 2:
        raise MatcherError(f"{where}: `fileLocation` is not understood", _REMEDY)
    kind = parts[0].lower() if isinstance(parts[0], str) else ""
    directories: Any = parts[1:]
    if kind == "search":
        options = parts[1] if len(parts) == 2 else {}
        include = options.get("include", []) if isinstance(options, Mapping) else None
        directories = [include] if isinstance(include, str) else include
    elif kind not in _KINDS or (kind == "absolute" and directories):
        raise MatcherError(f"{where}: `fileLocation` is not understood", _REMEDY)
    if not isinstance(directories, list | tuple) or not all(
        isinstance(directory, str) and directory for directory in directories
    ):
        raise MatcherError(f"{where}: `fileLocation` is not understood", _REMEDY)
    return FileLocation(
        _KINDS.get(kind, "search"),
        tuple(
            _expanded(directory, where, folder)
            for directory in directories or ["${workspaceFolder}"]
        ),
        exists,
    )


def _expanded(directory: str, where: str, folder: str) -> str:
    """Replaces VS Code's variables in a directory."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in ("workspaceFolder", "workspaceRoot"):
            return folder or "."
        if name == "cwd":
            return "."
        raise MatcherError(
            f"{where}: `fileLocation` holds `{match[0]}`, which has no meaning here",
            "`${workspaceFolder}` and `${cwd}` have one.",
        )

    return posixpath.normpath(_VARIABLE.sub(value, directory))


def resolved(file: str, location: FileLocation, report: ParseResult, base: str) -> str:
    """Returns the file name to resolve in the report.

    `base` is where the command started.
    """
    if file.startswith("/") or _DRIVE.match(file) or location.kind == "absolute":
        return _absolute(file, location, base)
    directories = [posixpath.join(base, name) for name in location.directories]
    paths = [posixpath.join(name, file) for name in directories if posixpath.normpath(name) != base]
    if location.exists:
        # make may have named another directory.
        candidates = [report.resolve(file), *(posixpath.join(name, file) for name in directories)]
        if found := next((path for path in candidates if location.exists(path)), None):
            return found
    return paths[0] if len(paths) == len(directories) and paths else file


def _absolute(file: str, location: FileLocation, base: str) -> str:
    """Returns an absolute name, or with `autoDetect` the file below a directory, if that exists."""
    if location.kind != "autoDetect" or not location.exists or not file.startswith("/"):
        return file
    inside = (posixpath.join(base, directory) + file for directory in location.directories)
    return next((path for path in inside if location.exists(path)), file)
