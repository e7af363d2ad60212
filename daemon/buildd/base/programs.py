"""Programs of this machine, found where what runs in a container cannot have put them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from buildd.base.containment import is_below


def candidates(name: str, shared: Iterable[str] = ()) -> Iterator[str]:
    """Where the PATH has a program of this name, best first.

    Left out are relative directories and those that lie in one of the `shared`, which containers
    can write.
    """
    shared = tuple(map(os.path.realpath, shared))
    for directory in os.get_exec_path():
        path = os.path.join(directory, name)
        if not os.path.isabs(directory) or not os.access(path, os.X_OK) or os.path.isdir(path):
            continue
        places = (os.path.realpath(directory), os.path.realpath(path))
        if not any(is_below(place, root) for place in places for root in shared):
            yield path


def find_program(name: str, shared: Iterable[str] = ()) -> str:
    """The best of the `candidates`; empty if there is none."""
    return next(candidates(name, shared), "")
