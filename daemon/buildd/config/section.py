"""This module checks the values of one table of buildd.toml, and collects its errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TypeVar

from buildd.base.printable import quoted
from buildd.config.fit import Problem, suggest
from buildd.config.key_positions import Path, dotted
from buildd.config.values import ValueProblemError, check_text, check_variable

T = TypeVar("T")
V = TypeVar("V")


class Section:
    """A section is one table of the file, at the keys `path`.

    `directory` is the project's. Each method that finds an error adds it to `problems`, and returns
    a usable value.
    """

    def __init__(self, directory: str, path: Path, problems: list[Problem]) -> None:
        self.directory = directory
        self.path = path
        self.problems = problems

    def add_error(self, key: Path, message: str, remedy: str = "", *, missing: str = "") -> None:
        """Add an error at `key`, which is relative to the table."""
        self.problems.append(Problem((*self.path, *key), message, remedy, missing))

    def add_key_error(
        self, key: Path, message: str, remedy: str = "", *, missing: str = ""
    ) -> None:
        """Add an error whose message continues after the name of the key."""
        name = dotted((*self.path, *key))
        self.add_error(key, f"`{name}` {message}", remedy, missing=missing)

    def attempt(self, key: Path, check: Callable[[V], T], value: V, default: T) -> T:
        """Return `check(value)`, or `default` and an error if it raises ValueProblemError."""
        try:
            return check(value)
        except ValueProblemError as problem:
            self.add_key_error(key, str(problem), problem.remedy)
            return default

    def check_choice(self, key: Path, kind: str, name: str, choices: Iterable[str]) -> None:
        """Add an error if `name` is not one of the choices; `kind` says what they are."""
        choices = list(choices)
        if name not in choices:
            message = f"`{dotted((*self.path, *key))}`: there is no {kind} {quoted(name)}"
            self.add_error(key, message, suggest(name, choices))

    def file(self, key: Path, value: str) -> str:
        """Return the absolute path of a file of the project; empty stays empty."""
        return self._existing(key, value, os.path.isfile, "a file")

    def folder(self, key: Path, value: str) -> str:
        """Return the canonical path of a directory of the project; empty stays empty.

        The path is canonical so that consent covers the directory to which a link leads.
        """
        return _canonical(self._existing(key, value, os.path.isdir, "a directory"))

    def any_file(self, key: Path, value: str) -> str:
        """Return the canonical path of a file or directory; `~` is the user's home directory."""
        return _canonical(self._existing(key, os.path.expanduser(value), os.path.exists, "there"))

    def variables(self, values: dict[str, str], key: str = "env") -> dict[str, str]:
        """Check the names and values of the table `key`, and return it."""
        for name, value in values.items():
            self.attempt((key, name), check_variable, name, name)
            self.attempt((key, name), check_text, value, value)
        return values

    def _existing(self, key: Path, value: str, is_kind: Callable[[str], bool], kind: str) -> str:
        if not value:
            return ""
        path = os.path.normpath(os.path.join(self.directory, value))
        if not os.path.exists(path):
            message = f"names {quoted(value)}, which does not exist"
            self.add_key_error(key, message, "Create it, or correct the name.", missing=path)
        elif not is_kind(path):
            self.add_key_error(key, f"must name {kind}; {quoted(value)} is not one")
        return path


def _canonical(path: str) -> str:
    return os.path.realpath(path) if os.path.exists(path) else path
