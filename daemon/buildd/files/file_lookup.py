"""This module finds a project's file when a tool names it without its full directory."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from buildd.model import Span

LIMIT = 50_000
"""Largest number of directory entries that are read."""

DigestOf = Callable[[str], str]
"""Returns the digest of the text of a file that a tool read, or empty if it is unknown."""


class FileLookup:
    """A lookup finds files of one project, and asks for the digest of each file once.

    It reads directories: call it in a thread.
    """

    def __init__(self, project: str, digest_of: DigestOf) -> None:
        self._project = project
        self._digest_of = digest_of
        self._found: dict[str, tuple[str, str]] = {}
        self._by_name: dict[str, list[str]] | None = None

    def locate(self, span: Span) -> Span:
        """Return the span in the existing file that it means, with the digest of that file's text.

        If no file, or more than one, has a matching path, the span keeps its path.
        """
        if span.file not in self._found:
            file = self._find(span.file)
            self._found[span.file] = file, self._digest_of(file)
        file, built = self._found[span.file]
        return msgspec.structs.replace(span, file=file, built=built)

    def ending(self, relative: str) -> list[str]:
        """Return the paths of all files whose path ends with these components."""
        candidates = self._files().get(os.path.basename(relative), [])
        return [file for file in candidates if file.endswith(os.sep + relative)]

    def _find(self, path: str) -> str:
        if os.path.exists(path) or not path.startswith(self._project + os.sep):
            return path
        relative = os.path.relpath(path, self._project)
        # The tool printed the end of the path; its beginning is the directory that we assumed.
        while relative:
            if matches := self.ending(relative):
                return matches[0] if len(matches) == 1 else path
            relative = relative.partition(os.sep)[2]
        return path

    def _files(self) -> dict[str, list[str]]:
        if self._by_name is None:
            by_name: dict[str, list[str]] = {}
            entries = 0
            for folder, folders, files in os.walk(self._project):
                folders[:] = [name for name in folders if name not in (".git", "node_modules")]
                entries += len(files) + len(folders)
                for name in files:
                    by_name.setdefault(name, []).append(os.path.join(folder, name))
                if entries > LIMIT:
                    break
            self._by_name = by_name
        return self._by_name
