"""Whether a path lies below a directory, by whole components. Pure: no file is looked at.

Paths are normalised and of one kind, absolute or relative: neither `..` nor a link is resolved
here. Names that are built like paths, as those of Go packages, are compared likewise.
"""

from __future__ import annotations

import posixpath


def is_below(path: str, directory: str) -> bool:
    """Whether the path is the directory or lies below it. Nothing lies below an empty name."""
    return relative_to(path, directory) is not None


def relative_to(path: str, directory: str) -> str | None:
    """The part of the path below the directory: empty for the directory itself, None if the path
    is elsewhere."""
    root = directory.rstrip("/")
    if directory and path.startswith(f"{root}/"):
        return path[len(root) :].lstrip("/")
    return "" if path and path == root else None


def moved(path: str, source: str, target: str) -> str | None:
    """The path with the directory `target` in the place of `source`; None if the path is not
    `source` and does not lie below it."""
    rest = relative_to(path, source)
    return posixpath.join(target, rest) if rest else None if rest is None else target
