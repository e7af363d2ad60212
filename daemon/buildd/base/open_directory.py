"""Directories that are opened without following a link that somebody else may have made.

Standard library only.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterable
from contextlib import suppress

from buildd.base.containment import is_below

MOST_LINKS = 40
"""Links on the way to one file, as the kernel counts."""

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PASSED = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""A directory that is only passed through need not be readable."""


def open_directory(path: str) -> int:
    """A descriptor of the directory at a canonical path.

    Raises OSError that names the path if a component of it is a link by now.
    """
    parts = [part for part in path.split("/") if part]
    fd = os.open("/", _PASSED if parts else DIRECTORY)
    for number, part in enumerate(parts, 1):
        above = fd
        try:
            fd = os.open(part, DIRECTORY if number == len(parts) else _PASSED, dir_fd=above)
        except OSError as error:
            raise named(error, path) from error
        finally:
            os.close(above)
    return fd


def open_destination(path: str, shared: Iterable[str], *, make: bool = False) -> int:
    """A descriptor of the directory that the user has named, to write files there.

    `make` has it made if missing.

    Links are followed as usual, but for those that lie in one of the `shared` directories, which
    are canonical: what runs in a container can make links there. Raises OSError.
    """
    shared = tuple(shared)
    waiting = [part for part in reversed(path.split("/")) if part]
    chain = [("/", os.open("/", _PASSED))]
    links = 0
    try:
        while waiting:
            part = waiting.pop()
            here, above = chain[-1]
            if part == os.pardir and len(chain) > 1:
                os.close(chain.pop()[1])
            if part in (os.curdir, os.pardir):
                continue
            inside = posixpath.join(here, part)
            if not stat.S_ISLNK(_mode(part, above, make=make)):
                chain.append((inside, os.open(part, _PASSED, dir_fd=above)))
                continue
            links += 1
            if links > MOST_LINKS or any(is_below(here, directory) for directory in shared):
                raise OSError(errno.ELOOP, "it is a symbolic link, which is not followed", inside)
            target = os.readlink(part, dir_fd=above)
            if target.startswith("/"):
                while len(chain) > 1:
                    os.close(chain.pop()[1])
            waiting += [part for part in reversed(target.split("/")) if part]
        return os.open(os.curdir, DIRECTORY, dir_fd=chain[-1][1])
    except OSError as error:
        raise named(error, error.filename if error.errno == errno.ELOOP else path) from error
    finally:
        for _, fd in chain:
            os.close(fd)


def _mode(name: str, above: int, *, make: bool) -> int:
    """What kind of file it is; `make` has it be a directory if there is none."""
    try:
        return os.stat(name, dir_fd=above, follow_symlinks=False).st_mode
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=above)
    return os.stat(name, dir_fd=above, follow_symlinks=False).st_mode


def named(error: OSError, path: str) -> OSError:
    """The same error, of this file."""
    error.filename, error.filename2 = path, None
    return error
