"""This module finds tests in Go: functions in the test files of a package."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from buildd.base.containment import relative_to
from buildd.diagnostics.source_snapshots import decode, read
from buildd.testing.declarations.sources import Names, Path, SourceLine, TestSources, line_at

_MODULE = re.compile(r"^module[ \t]+\"?(?P<name>[^\s\"]+)", re.MULTILINE)
_FUNCTION = re.compile(r"^func (?P<name>(?:Test|Benchmark|Example|Fuzz)\w*)\(", re.MULTILINE)


def go(path: Path, sources: TestSources) -> SourceLine | None:
    """Find a test by its package and function; a subtest is in its function.

    The path is package, function, subtests.
    """
    if len(path) < 2:
        return None
    for directory in _directories(path[0], sources):
        try:
            names = sorted(name for name in os.listdir(directory) if name.endswith("_test.go"))
        except OSError:
            continue
        files = [os.path.join(directory, name) for name in names]
        found = [
            (file, line) for file in files if (line := sources.index(file, declared).get(path[1:2]))
        ]
        # A package has one function of a name; several are for different platforms.
        if len(found) == 1:
            return found[0]
    return None


def declared(text: str) -> Iterator[tuple[Names, int]]:
    """Yield the functions of a test file that `go test` runs."""
    for match in _FUNCTION.finditer(text):
        yield (match["name"],), line_at(text, match.start())


def _directories(package: str, sources: TestSources) -> Iterator[str]:
    """Yield the directories where the package may be, by the names of the project's modules."""
    for file in _modules(sources):
        module = _MODULE.search(decode(read(file)))
        if module and (inside := relative_to(package, module["name"])) is not None:
            yield os.path.join(os.path.dirname(file), inside)


def _modules(sources: TestSources) -> Iterator[str]:
    """Yield the paths of `go.mod` files, first that of the command's directory."""
    own = os.path.join(sources.directory, "go.mod")
    yield own
    yield from (file for file in sources.ending("go.mod") if file != own)
