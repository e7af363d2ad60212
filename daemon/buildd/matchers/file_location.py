"""Where the files are that a problem matcher finds: its `fileLocation`. Pure."""

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
    """`directories` are those that names are relative to, the first that has it; each absolute,
    or relative to where the command was started. None of them: that itself."""

    kind: str = "relative"
    directories: tuple[str, ...] = ()
    exists: Exists | None = None


def file_location(told: Any, where: str, folder: str, exists: Exists | None) -> FileLocation:
    """By a matcher's `fileLocation`. `folder` is the project's directory, absolute, or empty if
    the command is started there. Raises MatcherError."""
    parts = [told] if isinstance(told, str) else told
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
        isinstance(one, str) and one for one in directories
    ):
        raise MatcherError(f"{where}: `fileLocation` is not understood", _REMEDY)
    return FileLocation(
        _KINDS.get(kind, "search"),
        tuple(_expanded(one, where, folder) for one in directories or ["${workspaceFolder}"]),
        exists,
    )


def _expanded(directory: str, where: str, folder: str) -> str:
    """A directory without VS Code's variables."""

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
    """The file as the report is to resolve it; `base` is where the command was started."""
    if file.startswith("/") or _DRIVE.match(file) or location.kind == "absolute":
        return _absolute(file, location, base)
    directories = [posixpath.join(base, one) for one in location.directories]
    paths = [posixpath.join(one, file) for one in directories if posixpath.normpath(one) != base]
    if location.exists:
        # make may have told where the output is.
        candidates = [report.resolve(file), *(posixpath.join(one, file) for one in directories)]
        if found := next((path for path in candidates if location.exists(path)), None):
            return found
    return paths[0] if len(paths) == len(directories) and paths else file


def _absolute(file: str, location: FileLocation, base: str) -> str:
    """An absolute name, but if it is to be relative and there is such a file."""
    if location.kind != "autoDetect" or not location.exists or not file.startswith("/"):
        return file
    inside = (posixpath.join(base, one) + file for one in location.directories)
    return next((path for path in inside if location.exists(path)), file)
