"""Files of Git LFS: a commit has pointers to them, and what git-lfs has fetched lies beside it.

git-lfs itself is not run: it asks the repository where to look and what to start. Blocks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from buildd.base.beneath import FileTree
from buildd.base.safe_open import NotAFileError
from buildd.trials.copying import copy_content

_POINTER = b"version https://git-lfs.github.com/spec/"
_DIGEST = re.compile(rb"(?m)^oid sha256:([0-9a-f]{64})$")
"""Source: git-lfs, docs/spec.md."""

_LONGEST = 1024
"""Bytes of a pointer, as its specification says."""


def fill_in(common: str, root: str, names: Iterable[str]) -> list[str]:
    """Have the content of these files below `root` in the place of pointers to it, as far as the
    repository at `common` has it; a remark if it lacks some."""
    with FileTree(common) as repository, FileTree(root) as copy:
        missing = [name for name in names if not _fill_in(repository, copy, name)]
    if not missing:
        return []
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    remark = (
        f"{missing[0]}{more} is only a Git LFS pointer in the clean checkout: run `git lfs fetch` "
        "in the project, or use the directory as it is with `--worktree`"
    )
    return [remark]


def _fill_in(repository: FileTree, copy: FileTree, name: str) -> bool:
    """Whether there is no pointer, or none any more."""
    content = copy.read(name, _LONGEST) or b""
    if not content.startswith(_POINTER):
        return True
    if not (named := _DIGEST.search(content)):
        return False
    digest = named[1].decode()
    path = f"lfs/objects/{digest[:2]}/{digest[2:4]}/{digest}"
    try:
        with repository.open(path) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                return False
            status = copy.status(name)
            copy.remove(name)
            copy_content(file, copy, name, status.st_mode if status else None)
    except (FileNotFoundError, NotADirectoryError, NotAFileError):
        return False
    return True
