"""One table of buildd.toml while it is being read: where it stands, and what is wrong in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TypeVar

from buildd.base.printable import quoted
from buildd.config.fit import Problem, Problems, suggest
from buildd.config.key_positions import Path, dotted
from buildd.config.values import ValueProblemError, check_text, check_variable

T = TypeVar("T")
V = TypeVar("V")


class Section:
    """The table at `path` in the file of the project in `directory`. Every method that finds
    something wrong adds to `problems` and goes on with what it can."""

    def __init__(self, directory: str, path: Path, problems: Problems) -> None:
        self.directory = directory
        self.path = path
        self.problems = problems

    def wrong(self, key: Path, message: str, remedy: str = "", *, missing: str = "") -> None:
        """`key` is relative to the table; `message` speaks of it."""
        self.problems.append(Problem((*self.path, *key), message, remedy, missing))

    def bad(self, key: Path, message: str, remedy: str = "", *, missing: str = "") -> None:
        """As `wrong`, but `message` continues after the name of the key."""
        name = dotted((*self.path, *key))
        self.wrong(key, f"`{name}` {message}", remedy, missing=missing)

    def attempt(self, key: Path, check: Callable[[V], T], value: V, otherwise: T) -> T:
        """What `check` makes of `value`; `otherwise` where it raises ValueProblemError."""
        try:
            return check(value)
        except ValueProblemError as problem:
            self.bad(key, str(problem), problem.remedy)
            return otherwise

    def named(self, key: Path, kind: str, name: str, choices: Iterable[str]) -> None:
        """`name` must be one of `choices`."""
        choices = list(choices)
        if name not in choices:
            message = f"`{dotted((*self.path, *key))}`: there is no {kind} {quoted(name)}"
            self.wrong(key, message, suggest(name, choices))

    def file(self, key: Path, value: str) -> str:
        """The absolute path of a file of the project; empty stays empty."""
        return self._existing(key, value, os.path.isfile, "a file")

    def folder(self, key: Path, value: str) -> str:
        """The canonical path of a directory of the project, so that consent is to where it leads;
        empty stays empty."""
        return _canonical(self._existing(key, value, os.path.isdir, "a directory"))

    def any_file(self, key: Path, value: str) -> str:
        """The canonical path of a file or directory; `~` is the user's home directory."""
        return _canonical(self._existing(key, os.path.expanduser(value), os.path.exists, "there"))

    def variables(self, values: dict[str, str], key: str = "env") -> dict[str, str]:
        """The table `key`, checked."""
        for name, value in values.items():
            self.attempt((key, name), check_variable, name, name)
            self.attempt((key, name), check_text, value, value)
        return values

    def _existing(self, key: Path, value: str, fits: Callable[[str], bool], what: str) -> str:
        if not value:
            return ""
        path = os.path.normpath(os.path.join(self.directory, value))
        if not os.path.exists(path):
            remedy = "Make it, or correct the name."
            self.bad(key, f"names {quoted(value)}, which does not exist", remedy, missing=path)
        elif not fits(path):
            self.bad(key, f"must name {what}; {quoted(value)} is not one")
        return path


def _canonical(path: str) -> str:
    return os.path.realpath(path) if os.path.exists(path) else path
