"""This module holds the sources of bind mounts open until the engine has mounted exactly them.

Paths are resolved again by the engine, and something else may have taken their place.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from buildd.base.exact_path import open_exactly
from buildd.engines.docker.mountinfo import MountedFile, MountPoint, missing, of_descriptor
from buildd.errors import EngineError
from buildd.model import Mount


class BindSource(NamedTuple):
    """A mount, and a descriptor of its source as it was when that was looked at."""

    mount: Mount
    descriptor: int

    def file(self) -> MountedFile | None:
        """Which file that is for the kernel; None where it does not say."""
        return of_descriptor(self.descriptor)


@contextmanager
def opened(mounts: Iterable[Mount]) -> Iterator[tuple[BindSource, ...]]:
    """Open the sources, whose paths are canonical, while the context lasts.

    Raises EngineError if one is missing, or if a part of its path has become a link.
    """
    with ExitStack() as stack:
        found = []
        for mount in mounts:
            try:
                descriptor = open_exactly(mount.source)
            except OSError as error:
                raise _changed(mount, str(error.strerror)) from error
            stack.callback(os.close, descriptor)
            found.append(BindSource(mount, descriptor))
        yield tuple(found)


def require_mounted(
    sources: Iterable[BindSource], table: Iterable[MountPoint], losable: Collection[str] = ()
) -> bool:
    """Return whether the container with these mounts sees the very files that were opened.

    Raises EngineError unless all that it does not see were to be at `losable` places.
    """
    files = {source: source.file() for source in sources}
    lost = missing(filter(None, files.values()), table)
    gone = [source.mount for source, file in files.items() if file is None or file in lost]
    for mount in gone:
        if mount.target not in losable:
            raise _changed(mount, "the engine has mounted something else")
    return not gone


def _changed(mount: Mount, why: str) -> EngineError:
    return EngineError(
        f"{mount.source}, which the environment sees at {mount.target}, was exchanged for "
        f"something else while its container was made: {why}",
        "Look at what is at work there. The container was removed, and nothing ran in it.",
    )
