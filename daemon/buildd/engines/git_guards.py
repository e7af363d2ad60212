"""Mounts that keep what is inside from writing what git on the host obeys: hooks, configuration.

Who may write a hook has the user run it with the next commit, outside of every container.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from buildd.files.git_layout import Checkout
from buildd.files.path_map import to_container
from buildd.model import Mount

GuardedFile = tuple[str, int, int, int]
"""A path, and which file it was: device, number, and for a file when it was last changed, for the
next one may be given the number of the last."""


def guards(found: Sequence[Checkout], mounts: Sequence[Mount]) -> tuple[Mount, ...]:
    """What to mount over `mounts`, outer ones first. Makes a missing directory for hooks: a mount
    needs a place."""
    taken = {mount.target for mount in mounts}
    made: dict[str, Mount] = {}
    for checkout in found:
        for path, read_only in _of(checkout, mounts):
            target = _writable_at(path, mounts)
            if target and target not in taken and not os.path.islink(path):
                made[target] = Mount(source=path, target=target, read_only=read_only)
    return tuple(made.values())


def identities(
    project: str, found: Sequence[Checkout], made: Sequence[Mount]
) -> tuple[GuardedFile, ...]:
    """Which files the guards hold, and where there is none yet that git would obey. Git on the
    host writes by renaming: another file is in the place then, and the kernel has taken the guard
    away."""
    missing = [
        os.path.join(one.common, "commondir") for one in found if one.git and one.git == one.common
    ]
    missing += [os.path.normpath(os.path.join(one.path, one.link)) for one in found if not one.git]
    if not found:
        missing.append(os.path.join(project, ".git"))
    held = [mount.source for mount in made if mount.read_only]
    return tuple(map(identity, (*held, *missing)))


def have_gone(known: Sequence[GuardedFile]) -> bool:
    """Whether one of these is another file now. Looks at each."""
    return any(identity(one[0]) != one for one in known)


def identity(path: str) -> GuardedFile:
    """Which file is there now; numbers of 0 where none is."""
    try:
        found = os.lstat(path)
    except OSError:
        return path, 0, 0, 0
    changed = found.st_ctime_ns if stat.S_ISREG(found.st_mode) else 0
    return path, found.st_dev, found.st_ino, changed


def _writable_at(path: str, mounts: Sequence[Mount]) -> str | None:
    """Where it is seen and can be written, if it is."""
    above = [mount for mount in mounts if to_container(path, [mount])]
    nearest = max(above, key=lambda mount: len(mount.source), default=None)
    return to_container(path, [nearest]) if nearest and not nearest.read_only else None


def _of(checkout: Checkout, mounts: Sequence[Mount]) -> Iterator[tuple[str, bool]]:
    """Paths on the host, and whether they are read only; the others are there so that nobody can
    move them away with what they hold."""
    if checkout.link:
        yield os.path.join(checkout.path, ".git"), True
    # What is not seen inside is nobody's of ours, and nothing is made there.
    if not checkout.git or not _writable_at(checkout.common, mounts):
        return
    yield checkout.common, False
    if _have_directory(hooks := os.path.join(checkout.common, "hooks")):
        yield hooks, True
    yield from _there(checkout.common, "config", "config.worktree")
    # A `git gc` inside, where the other worktrees are not seen, would take them for lost.
    yield from _there(checkout.common, "worktrees")
    if checkout.git != checkout.common:
        yield checkout.git, False
        # Not its `gitdir`: git itself writes that once a day, and gives up where it cannot.
        yield from _there(checkout.git, "commondir", "config.worktree")


def _there(directory: str, *names: str) -> Iterator[tuple[str, bool]]:
    for name in names:
        path = os.path.join(directory, name)
        if os.path.exists(path):
            yield path, True


def _have_directory(path: str) -> bool:
    try:
        os.mkdir(path, 0o755)
    except FileExistsError:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
    return True
