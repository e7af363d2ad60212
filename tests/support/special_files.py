"""Files that are none: what a build may put in the place of a file of its project."""

from __future__ import annotations

import os
from collections.abc import Callable

Make = Callable[[str], None]


def named_pipe(path: str) -> None:
    """A named pipe that nobody writes to: who reads it waits for ever."""
    os.mkfifo(path)


def endless(path: str) -> None:
    """A link to a device that never ends."""
    os.symlink("/dev/zero", path)


def huge(path: str) -> None:
    """A file of two gigabytes that takes no room."""
    with open(path, "wb") as file:
        file.truncate(2 << 30)


SPECIAL_FILES: tuple[Make, ...] = (named_pipe, endless, huge)


def replace(path: str, make: Make) -> None:
    """Put a special file in the place of what is there, if anything is."""
    if os.path.lexists(path):
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    make(path)
