"""Finds the directories of Go packages from what a log says about their module."""

from __future__ import annotations

import posixpath
import re

from buildd.base.containment import relative_to
from buildd.parsers.report import ParseResult

_HEAD = re.compile(r"# \[?(?P<package>[\w./~-]+)\]?(?: \[[^\]]+\])?$")
_PLACE = re.compile(r"(?:vet: )?(?:\./)?(?P<directory>[^\s:]*?/)?[\w.-]+\.go:\d+:\d+: ")
_FUNCTION = re.compile(r"(?P<package>[\w.~/-]*[\w~-])\.(?:\(\*?\w+\)\.|\w+\.)?\w+(?:\[\.\.\.\])?\(")
_HOSTS = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "golang.org", "sr.ht")


class Packages:
    """Learns where packages are while a log is read.

    Call `note` with each package that is named, and `learn`, `function` and `frame` with lines that
    show a package and a file of it; then ask for a `directory`.
    """

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._names: list[str] = []
        self._root = ""
        """The module's path, if a line has shown it."""
        self._known: dict[str, str] = {}
        """The directories of packages that stack traces have shown."""
        self._head = ""
        """The package that the last compiler heading named."""
        self._function = ""
        """The package of the function in a stack trace whose place comes next."""

    def note(self, package: str) -> None:
        """Notes that a package is one of those that were tested."""
        self._names.append(package)

    def learn(self, line: str) -> None:
        """Reads a compiler's heading and the place below it, which together name the module."""
        if match := _HEAD.match(line):
            self._head = match["package"]
        elif self._head and (match := _PLACE.match(line)):
            directory = (match["directory"] or "").rstrip("/")
            if not directory.startswith(("..", "/")):
                root = self._head
                if directory and root.endswith(f"/{directory}"):
                    self._root = root.removesuffix(f"/{directory}")
                elif not directory and "/" in root:
                    self._root = root
            self._head = ""

    def function(self, line: str) -> None:
        """Reads a line of a stack trace that may name a function."""
        match = _FUNCTION.match(line)
        self._function = match["package"] if match else ""

    def frame(self, file: str) -> None:
        """Reads the place of the function that was named last: an absolute path of the project."""
        package, self._function = self._function, ""
        # The tests of a package may be in a package of their own.
        package = package.removesuffix("_test")
        if not package or package == "main" or not file.startswith("/"):
            return
        directory = posixpath.dirname(file)
        self._known[package] = directory
        here = self._report.resolve(".")
        rest = relative_to(directory, here)
        if rest and package.endswith(f"/{rest}"):
            self._root = package.removesuffix(f"/{rest}")
        elif directory == here:
            self._root = package

    def directory(self, package: str) -> str:
        """Returns the absolute directory of a package.

        If no line has shown it, the command is assumed to run in the module's directory.
        """
        if package in self._known:
            return self._known[package]
        root = self._root or self._guessed(package)
        return self._report.resolve(relative_to(package, root) or ".")

    def relative(self, package: str) -> str:
        """Returns the absolute directory of a package as gotestsum names it.

        gotestsum leaves out the module's path where it can.
        """
        if "." in package.partition("/")[0].strip("."):
            return self.directory(package)
        return self._report.resolve(package)

    def _guessed(self, package: str) -> str:
        parts = package.split("/")
        count = 3 if parts[0] in _HOSTS else 2 if "." in parts[0] else 1
        if len(parts) > count and re.fullmatch(r"v\d+", parts[count]):
            count += 1
        root = "/".join(parts[:count])
        common = posixpath.commonpath(self._names) if self._names else root
        return common if common and len(common) < len(root) else root
