"""This module collects the data of a buildd.toml from another tool's file, with its origins."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from buildd.base.containment import relative_to
from buildd.base.printable import quoted
from buildd.config.foreign.document import Document
from buildd.config.key_positions import Origin, Path, dotted, nearest
from buildd.errors import ConfigError
from buildd.model import ColumnUnit, Diagnostic, Severity, Span

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class Draft:
    """A draft is a configuration that is being translated from another tool's files."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.data: dict[str, Any] = {"environments": {}}
        """The data as in buildd.toml."""
        self.origins: dict[Path, Origin] = {}
        """The origin of each key of `data`."""
        self.remarks: list[Diagnostic] = []
        self.errors: list[ConfigError] = []
        self.files: list[str] = []
        self.host_variables: dict[str, None] = {}
        """The host's variables whose values were filled in."""

    def origin(self, path: Path) -> Origin:
        """Return the origin of a key of buildd.toml, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return Origin(self.files[0], "", 1, 1)

    def sorted_remarks(self) -> list[Diagnostic]:
        """Return the remarks in the order of the files and lines."""
        return sorted(self.remarks, key=lambda remark: (remark.span.file, remark.span.line))


class Translation:
    """A translation fills one environment of a draft from a file, or from its part at `root`."""

    def __init__(self, draft: Draft, source: Document, name: str, root: Path = ()) -> None:
        self.draft = draft
        self.source = source
        self.name = name
        self.root = root
        self.table: dict[str, Any] = {}
        draft.data["environments"][name] = self.table
        draft.origins["environments", name] = self.origin(())

    # --- reading

    def text(self, values: Mapping[str, Any], key: Path) -> str:
        """Return the string at the last part of `key`, or empty; another type gets a remark."""
        value = values.get(str(key[-1]))
        if value is None or isinstance(value, str):
            return value or ""
        self.wrong_type(key, "a string")
        return ""

    def texts(self, values: Mapping[str, Any], key: Path) -> list[tuple[Path, str]]:
        """Return the strings of the list at the last part of `key`, each with its own key."""
        value = values.get(str(key[-1]))
        if not isinstance(value, list):
            if value is not None:
                self.wrong_type(key, "a list of strings")
            return []
        found = []
        for index, item in enumerate(value):
            if isinstance(item, str):
                found.append(((*key, index), item))
            else:
                self.wrong_type((*key, index), "a string")
        return found

    def pairs(self, values: Mapping[str, Any], key: Path) -> dict[str, str]:
        """Return the table at the last part of `key`; numbers and booleans become strings."""
        value = values.get(str(key[-1]))
        if not isinstance(value, dict):
            if value is not None:
                self.wrong_type(key, "an object of strings")
            return {}
        found = {}
        for name, item in value.items():
            if isinstance(item, bool):
                found[name] = str(item).lower()
            elif isinstance(item, str | int | float):
                found[name] = str(item)
            elif item is not None:
                self.wrong_type((*key, name), "a string")
        return found

    # --- writing

    def put(self, tail: Path, value: object, key: Path) -> None:
        """Set `value` at `tail` in the environment's table; it comes from `key` of the file."""
        table = self.table
        for part in tail[:-1]:
            table = table.setdefault(str(part), {})
        table[str(tail[-1])] = value
        self._set_origin(tail, key)

    def append(self, name: str, value: object, key: Path) -> None:
        """Add a value to the list `name` if it is not in it."""
        values = self.table.setdefault(name, [])
        if value not in values:
            values.append(value)
            self._set_origin((name,), key)
            self._set_origin((name, len(values) - 1), key)

    def mount(self, source: str, target: str, key: Path, *, read_only: bool = False) -> None:
        """Add a mount of an absolute path on the host; a missing one gets a remark."""
        if not os.path.exists(source):
            self.remark(
                key,
                f"names {quoted(source)}, which does not exist, so it is ignored",
                "Create it, and save this file.",
            )
            return
        row: dict[str, Any] = {"source": self.toml_path(source), "target": target}
        if read_only:
            row["read-only"] = True
        self.append("mounts", row, key)

    def cache(self, name: str, target: str, key: Path) -> None:
        """Add a cache at a path of the container."""
        name = _NO_NAME.sub("-", name or target).strip("-._")[:64] or "cache"
        self.put(("caches", name), target, key)

    def toml_path(self, path: str) -> str:
        """Return an absolute path as buildd.toml has it: relative to the project, or with `~`."""
        if path == self.draft.directory:
            return "."
        if path.startswith(self.draft.directory + os.sep):
            return os.path.relpath(path, self.draft.directory)
        home = os.path.expanduser("~")
        # As `/` it would be the home of every path.
        if len(home) > 1 and (inside := relative_to(path, home)):
            return f"~/{inside}"
        return path

    # --- reporting

    def remark(
        self, key: Path, message: str, remedy: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        """Add a warning at `key`; the message continues after the key's name."""
        origin = self.origin(key)
        self.remark_at(origin, f"`{origin.key}` {message}. {remedy}".strip(), severity)

    def remark_at(
        self, origin: Origin, message: str, severity: Severity = Severity.WARNING
    ) -> None:
        """Add a warning with this message at any place."""
        span = Span(
            file=origin.file,
            line=origin.line,
            column=origin.column,
            unit=ColumnUnit.CODE_POINT,
        )
        self.draft.remarks.append(
            Diagnostic(
                span=span, severity=severity, message=message, source="buildd", code=origin.key
            )
        )

    def note(self, key: Path, message: str, remedy: str = "") -> None:
        """Add a note at `key`, about something that seldom matters."""
        self.remark(key, message, remedy, Severity.INFORMATION)

    def wrong_type(self, key: Path, wanted: str) -> None:
        """Add a warning that the value at `key` has the wrong type."""
        self.remark(key, f"must be {wanted}, so it is ignored")

    def unknown(self, values: Iterable[str], known: Iterable[str], within: Path = ()) -> None:
        """Add a warning for each unknown key."""
        known = list(known)
        for name in values:
            if name not in known:
                key = (*within, name)
                close = difflib.get_close_matches(name, known, 1)
                remedy = f"Did you mean `{close[0]}`?" if close else ""
                self.remark(key, "is not a known key, and is ignored", remedy)

    def fail(self, key: Path, message: str, remedy: str = "", *, missing: str = "") -> None:
        """Add an error without whose solution there is no environment."""
        origin = self.origin(key)
        self.draft.errors.append(
            ConfigError(
                f"`{origin.key}` {message}" if key else message,
                remedy,
                file=origin.file,
                line=origin.line,
                column=origin.column,
                key=origin.key,
                missing=missing,
            )
        )

    def origin(self, key: Path) -> Origin:
        """Return the place of a key, which is relative to `root`."""
        path = (*self.root, *key)
        line, column = nearest(self.source.positions, path)
        return Origin(self.source.path, dotted(path), line, column)

    def _set_origin(self, tail: Path, key: Path) -> None:
        origin = self.origin(key)
        for length in range(1, len(tail) + 1):
            path = ("environments", self.name, *tail[:length])
            if length == len(tail):
                self.draft.origins[path] = origin
            else:
                self.draft.origins.setdefault(path, origin)
