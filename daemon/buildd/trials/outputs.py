"""The digests of the files that a task makes. It reads files: use it in a thread."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence

from buildd.base.safe_open import open_regular


def digests(directory: str, outputs: Sequence[str]) -> dict[str, str]:
    """Return the digest of each output that exists, by its path relative to `directory`.

    For a directory, these are the digests of all files below it. A link counts as where it leads,
    not as what is there.
    """
    found = {}
    for output in outputs:
        for path in _files(os.path.join(directory, output)):
            if digest := _digest(path):
                found[os.path.relpath(path, directory)] = digest
    return found


def _files(path: str) -> Iterator[str]:
    if os.path.islink(path) or not os.path.isdir(path):
        yield path
        return
    for folder, folders, files in os.walk(path):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.join(folder, name) for name in (*files, *links))


def _digest(path: str) -> str:
    """Identifies the content, and whether it is executable; empty if there is no file."""
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            return f"-> {os.readlink(path)}"
        if not stat.S_ISREG(mode):
            return "not a file"
        with open_regular(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
    return f"{digest}{' executable' if mode & stat.S_IXUSR else ''}"
