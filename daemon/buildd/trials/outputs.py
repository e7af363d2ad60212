"""What a task says that it makes: files by their digests. Reads files: use it in a thread."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence

from buildd.base.beneath import FileTree
from buildd.errors import BuilddError

LARGEST = 64 << 30
"""Bytes of a file that is read to its end: one of a few bytes may say that it has millions."""


def digests(directory: str, outputs: Sequence[str]) -> dict[str, str]:
    """The digest of each output that is there, by its path relative to `directory`; of a
    directory, those of all files below. A link is where it leads, not what is there; on the way to
    an output, links are followed as far as they stay in the directory. Raises BuilddError."""
    found: dict[str, str] = {}
    try:
        with FileTree(os.path.realpath(directory)) as tree:
            for output in outputs:
                path = tree.resolved(output)
                if path is None:
                    found[output] = "elsewhere"
                    continue
                for below in _files(tree, path):
                    if digest := _digest(tree, below):
                        name = os.path.join(output, os.path.relpath(below, path or os.curdir))
                        found[os.path.normpath(name)] = digest
    except OSError as error:
        raise BuilddError(f"{error.filename} cannot be read: {error.strerror}") from error
    return found


def _files(tree: FileTree, path: str) -> Iterator[str]:
    status = tree.status(path)
    if status and not stat.S_ISDIR(status.st_mode):
        yield path
    elif status:
        for below, kind in tree.below(path):
            if not stat.S_ISDIR(kind.st_mode):
                yield below


def _digest(tree: FileTree, path: str) -> str:
    """Names exactly this content, and whether it can be executed; empty where nothing is."""
    status = tree.status(path)
    if status is None:
        return ""
    try:
        if stat.S_ISLNK(status.st_mode):
            return f"-> {tree.target(path)}"
        if not stat.S_ISREG(status.st_mode):
            return "not a file"
        if status.st_size > LARGEST:
            return f"{status.st_size} bytes, too many to be read"
        with tree.open(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
    return f"{digest}{' executable' if status.st_mode & stat.S_IXUSR else ''}"
