"""The source files of a project, as the finders of declarations see them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from buildd.diagnostics.source_snapshots import decode, read
from buildd.files.file_lookup import FileLookup, Look

Path = tuple[str, ...]
"""A test's, as in `TestResult.path`."""

SourceLine = tuple[str, int]
"""A file, and the line in it; 0 where only the file is known."""

Names = tuple[str, ...]
"""A test as its file names it: from the outermost group to its own name."""

Index = Mapping[Names, int]
"""The line of each test of a file."""


class TestSources:
    """Relative names are taken from `directory`, or are the end of exactly one path in the
    project."""

    def __init__(self, project: str, directory: str, look: Look) -> None:
        self.project = project
        self.directory = directory
        self._look = look
        self._search = FileLookup(project, look)
        self._found: dict[str, str] = {}
        self._read: dict[str, tuple[Index, str]] = {}

    def find(self, name: str) -> str:
        """The file that is meant; empty if there is none, or several could be."""
        if name not in self._found:
            self._found[name] = self._find(os.path.normpath(name))
        return self._found[name]

    def ending(self, name: str) -> list[str]:
        """Every file of the project whose path ends so."""
        return self._search.ending(name)

    def index(self, file: str, reader: Callable[[str], Iterable[tuple[Names, int]]]) -> Index:
        """The lines of the file's tests, as `reader` gives them of its text; what it gives twice is
        left out."""
        if file not in self._read:
            built = self._look(file)
            lines: dict[Names, int] = {}
            twice = set()
            for names, line in reader(decode(read(file))):
                if names in lines:
                    twice.add(names)
                lines[names] = line
            self._read[file] = {n: line for n, line in lines.items() if n not in twice}, built
        return self._read[file][0]

    def built(self, file: str) -> str:
        """The digest of the text that the file's index is of."""
        return self._read[file][1] if file in self._read else ""

    def _find(self, name: str) -> str:
        path = os.path.join(self.directory, name)
        if os.path.isfile(path):
            return path
        if os.path.isabs(name) or name.startswith(os.pardir):
            return ""
        fitting = self.ending(name)
        return fitting[0] if len(fitting) == 1 else ""


def line_at(text: str, position: int) -> int:
    """The 1-based number of the line that holds this character."""
    return text.count("\n", 0, position) + 1
