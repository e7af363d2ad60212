"""Files of a project by the end of their path: what a tool named without its directory."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from buildd.base.containment import relative_to
from buildd.model import Span

LIMIT = 50_000
"""Directory entries looked through."""

Look = Callable[[str], str]
"""Given a file, the digest of its text as it was built; empty if that is not known."""


class FileLookup:
    """Finds files of a project, and `look`s at each once. Reads directories: use it in a thread."""

    def __init__(self, project: str, look: Look) -> None:
        self._project = project
        self._look = look
        self._known: dict[str, tuple[str, str]] = {}
        self._by_name: dict[str, list[str]] | None = None

    def locate(self, span: Span) -> Span:
        """The span in the file that is meant, with the digest of its text."""
        if span.file not in self._known:
            file = self._find(span.file)
            self._known[span.file] = file, self._look(file)
        file, built = self._known[span.file]
        return msgspec.structs.replace(span, file=file, built=built)

    def ending(self, relative: str) -> list[str]:
        """The files whose path ends with these components."""
        candidates = self._files().get(os.path.basename(relative), [])
        return [one for one in candidates if one.endswith(os.sep + relative)]

    def _find(self, path: str) -> str:
        relative = "" if os.path.exists(path) else relative_to(path, self._project)
        # The tool's own words are at the end of the path; its beginning is where we guessed.
        while relative:
            if fitting := self.ending(relative):
                return fitting[0] if len(fitting) == 1 else path
            relative = relative.partition(os.sep)[2]
        return path

    def _files(self) -> dict[str, list[str]]:
        if self._by_name is None:
            found: dict[str, list[str]] = {}
            seen = 0
            for folder, folders, files in os.walk(self._project):
                folders[:] = [name for name in folders if name not in (".git", "node_modules")]
                seen += len(files) + len(folders)
                for name in files:
                    found.setdefault(name, []).append(os.path.join(folder, name))
                if seen > LIMIT:
                    break
            self._by_name = found
        return self._by_name
