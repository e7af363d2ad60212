"""This module reads a project's source files for the functions that find declarations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from buildd.diagnostics.source_snapshots import decode, read
from buildd.files.file_lookup import DigestOf, FileLookup

Path = tuple[str, ...]
"""The path of a test, as in `TestResult.path`."""

SourceLine = tuple[str, int]
"""A file and a 1-based line in it; 0 if only the file is known."""

Names = tuple[str, ...]
"""The names by which a file declares a test, from the outermost group to the test's own."""

Index = Mapping[Names, int]
"""The line of each test in a file."""


class TestSources:
    """The source files of a project, each read once.

    A relative name is looked up in `directory`, else it must be the end of exactly one path in the
    project.
    """

    def __init__(self, project: str, directory: str, digest_of: DigestOf) -> None:
        self.project = project
        self.directory = directory
        self._digest_of = digest_of
        self._lookup = FileLookup(project, digest_of)
        self._found: dict[str, str] = {}
        self._read: dict[str, tuple[Index, str]] = {}

    def find(self, name: str) -> str:
        """Return the path of a file by its name, or empty if none or several files match."""
        if name not in self._found:
            self._found[name] = self._find(os.path.normpath(name))
        return self._found[name]

    def ending(self, name: str) -> list[str]:
        """Return the paths of all files of the project whose path ends with `name`."""
        return self._lookup.ending(name)

    def index(self, file: str, reader: Callable[[str], Iterable[tuple[Names, int]]]) -> Index:
        """Return the lines of a file's tests, as `reader` finds them in the file's text.

        Names that are declared more than once are left out.
        """
        if file not in self._read:
            built = self._digest_of(file)
            lines: dict[Names, int] = {}
            ambiguous = set()
            for names, line in reader(decode(read(file))):
                if names in lines:
                    ambiguous.add(names)
                lines[names] = line
            index = {names: line for names, line in lines.items() if names not in ambiguous}
            self._read[file] = index, built
        return self._read[file][0]

    def built(self, file: str) -> str:
        """Return the digest of the text from which the file's index was made, or empty."""
        return self._read[file][1] if file in self._read else ""

    def _find(self, name: str) -> str:
        path = os.path.join(self.directory, name)
        if os.path.isfile(path):
            return path
        if os.path.isabs(name) or name.startswith(os.pardir):
            return ""
        matches = self.ending(name)
        return matches[0] if len(matches) == 1 else ""


def line_at(text: str, position: int) -> int:
    """Return the 1-based number of the line that contains the character at `position`."""
    return text.count("\n", 0, position) + 1
