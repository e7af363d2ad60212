"""A buildd.toml in the making, from another tool's file: what it says, and where that is from."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from buildd.base.printable import quoted
from buildd.config.fit import MOST_PROBLEMS
from buildd.config.foreign.document import Document
from buildd.config.key_positions import Origin, Path, dotted, nearest
from buildd.errors import ConfigError
from buildd.model import ColumnUnit, Diagnostic, Severity, Span

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


MOST_VALUES = 500
"""Of a list."""


class Draft:
    """What becomes of one project. `data` is as in buildd.toml; `origins` are by the path there.

    `given` are the variables of this machine whose values were filled in.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.data: dict[str, Any] = {"environments": {}}
        self.origins: dict[Path, Origin] = {}
        self.remarks: list[Diagnostic] = []
        self.errors: list[ConfigError] = []
        self.files: list[str] = []
        self.given: dict[str, None] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are as many remarks as are shown."""
        return len(self.remarks) >= MOST_PROBLEMS

    def origin(self, path: Path) -> Origin:
        """Where the key of buildd.toml at `path`, or what is around it, is from."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return Origin(self.files[0], "", 1, 1)

    def remarks_in_order(self) -> list[Diagnostic]:
        """As they come in the files."""
        return sorted(self.remarks, key=lambda one: (one.span.file, one.span.line))


class Translation:
    """One environment of a draft while it is made from a file, or from a part of one (`root`)."""

    def __init__(self, draft: Draft, source: Document, name: str, root: Path = ()) -> None:
        self.draft = draft
        self.source = source
        self.name = name
        self.root = root
        self.table: dict[str, Any] = {}
        draft.data["environments"][name] = self.table
        draft.origins["environments", name] = self.origin(())

    # --- what is read

    def text(self, values: Mapping[str, Any], key: Path) -> str:
        """The string at the last part of `key` in `values`, or empty; another kind is remarked."""
        value = values.get(str(key[-1]))
        if value is None or isinstance(value, str):
            return value or ""
        self.unfit(key, "a string")
        return ""

    def texts(self, values: Mapping[str, Any], key: Path) -> list[tuple[Path, str]]:
        """The strings of the list there, each with its own key."""
        value = values.get(str(key[-1]))
        if not isinstance(value, list):
            if value is not None:
                self.unfit(key, "a list of strings")
            return []
        found = []
        for place, one in enumerate(value):
            if isinstance(one, str):
                found.append(((*key, place), one))
            else:
                self.unfit((*key, place), "a string")
        return found

    def pairs(self, values: Mapping[str, Any], key: Path) -> dict[str, str]:
        """The table of strings there; numbers and truth values count as they are written."""
        value = values.get(str(key[-1]))
        if not isinstance(value, dict):
            if value is not None:
                self.unfit(key, "an object of strings")
            return {}
        found = {}
        for name, one in value.items():
            if isinstance(one, bool):
                found[name] = str(one).lower()
            elif isinstance(one, str | int | float):
                found[name] = str(one)
            elif one is not None:
                self.unfit((*key, name), "a string")
        return found

    # --- what is written

    def put(self, tail: Path, value: object, key: Path) -> None:
        """Write `value` at `tail` in the environment's table; it is from `key` of the file."""
        table = self.table
        for part in tail[:-1]:
            table = table.setdefault(str(part), {})
        table[str(tail[-1])] = value
        self._from(tail, key)

    def append(self, name: str, value: object, key: Path) -> None:
        """Add to the list `name`, once."""
        values = self.table.setdefault(name, [])
        if len(values) >= MOST_VALUES:
            self.remark(key, f"is left out: there are {MOST_VALUES} already")
        elif value not in values:
            values.append(value)
            self._from((name,), key)
            self._from((name, len(values) - 1), key)

    def mount(self, source: str, target: str, key: Path, *, read_only: bool = False) -> None:
        """A directory of the host, by an absolute path. One that is not there is left out."""
        if not os.path.exists(source):
            self.remark(
                key,
                f"names {quoted(source)}, which does not exist, and is left out",
                "Make it, and save this file.",
            )
            return
        row: dict[str, Any] = {"source": self.written(source), "target": target}
        if read_only:
            row["read-only"] = True
        self.append("mounts", row, key)

    def cache(self, name: str, target: str, key: Path) -> None:
        """A directory of the container that outlives it."""
        name = _NO_NAME.sub("-", name or target).strip("-._")[:64] or "cache"
        self.put(("caches", name), target, key)

    def written(self, path: str) -> str:
        """An absolute path as one would write it in buildd.toml: relative to the project where it
        is inside, to the home directory where it is in there."""
        if path == self.draft.directory:
            return "."
        if path.startswith(self.draft.directory + os.sep):
            return os.path.relpath(path, self.draft.directory)
        home = os.path.expanduser("~")
        if len(home) > 1 and path.startswith(home.rstrip(os.sep) + os.sep):
            return "~" + path[len(home.rstrip(os.sep)) :]
        return path

    # --- what is said

    def remark(
        self, key: Path, message: str, remedy: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        """Say at `key` what is not as it says; `message` continues after its name."""
        origin = self.origin(key)
        self.remark_at(origin, f"`{origin.key}` {message}. {remedy}".strip(), severity)

    def remark_at(
        self, origin: Origin, message: str, severity: Severity = Severity.WARNING
    ) -> None:
        """The same, of any place, in these words; what is too much is not said."""
        if self.draft.is_full:
            return
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
        """The same, of something that hardly matters."""
        self.remark(key, message, remedy, Severity.INFORMATION)

    def unfit(self, key: Path, wanted: str) -> None:
        """It is of the wrong kind."""
        self.remark(key, f"must be {wanted}, and is left out")

    def unknown(self, values: Iterable[str], known: Iterable[str], within: Path = ()) -> None:
        """Say of each key that nobody knows."""
        known = list(known)
        for name in values:
            if name not in known and not self.draft.is_full:
                key = (*within, name)
                near = difflib.get_close_matches(name, known, 1)
                remedy = f"Did you mean `{near[0]}`?" if near else ""
                self.remark(key, "is not known, and is left out", remedy)

    def fail(self, key: Path, message: str, remedy: str = "", *, missing: str = "") -> None:
        """There is no environment without this."""
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
        """The place of a key, relative to `root`."""
        path = (*self.root, *key)
        line, column = nearest(self.source.positions, path)
        return Origin(self.source.path, dotted(path), line, column)

    def _from(self, tail: Path, key: Path) -> None:
        origin = self.origin(key)
        for length in range(1, len(tail) + 1):
            path = ("environments", self.name, *tail[:length])
            if length == len(tail):
                self.draft.origins[path] = origin
            else:
                self.draft.origins.setdefault(path, origin)
