"""Where a Go package's directory is, by what a log tells of its module."""

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
    """`note` each package that is named, `learn` from lines that show one and a file of it;
    then `directory`."""

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._names: list[str] = []
        self._root = ""
        """The module's path, if that was shown."""
        self._known: dict[str, str] = {}
        """Directories by package, as traces show them."""
        self._head = ""
        """The package that a compiler's heading has named."""
        self._function = ""
        """The package of a trace's function whose place comes next."""

    def note(self, package: str) -> None:
        """The package is one of those that were tested."""
        self._names.append(package)

    def learn(self, line: str) -> None:
        """A compiler's heading and the place below it tell what the module is called."""
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
        """A line of a trace that may name a function."""
        match = _FUNCTION.match(line)
        self._function = match["package"] if match else ""

    def frame(self, file: str) -> None:
        """The place of the function that was named last: the user's own, absolute."""
        package, self._function = self._function, ""
        # The tests of a package may be in one of their own.
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
        """Where a package is; if nothing has told, the command ran where its module is."""
        if package in self._known:
            return self._known[package]
        root = self._root or self._guessed(package)
        return self._report.resolve(relative_to(package, root) or ".")

    def relative(self, package: str) -> str:
        """Where a package is that gotestsum names: without its module where it can."""
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
