"""What a container is to see of this machine, held open from before the container is made until it
is known that the engine has mounted exactly that."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
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
    """The sources, whose paths are canonical, while the context lasts. Raises EngineError where
    one is not there, or where a link has taken a place on the way to it."""
    with ExitStack() as stack:
        found = []
        for mount in mounts:
            try:
                descriptor = open_exactly(mount.source)
            except OSError as error:
                raise exchanged(mount, str(error.strerror)) from error
            stack.callback(os.close, descriptor)
            found.append(BindSource(mount, descriptor))
        yield tuple(found)


def not_mounted(sources: Iterable[BindSource], table: Iterable[MountPoint]) -> list[BindSource]:
    """Return those that a container with these mounts does not see: what it sees in their places
    are other files than those that were opened."""
    files = {source: source.file() for source in sources}
    lost = missing(filter(None, files.values()), table)
    return [source for source, file in files.items() if file is None or file in lost]


def exchanged(mount: Mount, why: str = "the engine has mounted something else") -> EngineError:
    """The error of a mount that would be of something else than what was looked at."""
    return EngineError(
        f"{mount.source}, which the environment sees at {mount.target}, was exchanged for "
        f"something else while its container was made: {why}",
        "Look at what is at work there. The container was removed, and nothing ran in it.",
    )
