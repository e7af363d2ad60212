"""This module makes read-only mounts of git's hooks and configuration in a container.

Git on the host runs hooks and obeys the configuration: a container that could write them could run
commands on the host at the user's next commit.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from buildd.files.git_layout import Checkout
from buildd.files.path_map import to_container
from buildd.model import Mount

GuardedFile = tuple[str, int, int, int]
"""A path with the device and inode numbers of its file, and the file's change time in nanoseconds,
0 for a directory. The time is needed because a new file may get the inode number of an old one."""


def guard_mounts(found: Sequence[Checkout], mounts: Sequence[Mount]) -> tuple[Mount, ...]:
    """Return the mounts that guard git's files, to be added over `mounts`, outer ones first.

    A missing `hooks` directory is created, because a mount needs a target.
    """
    targets = {mount.target for mount in mounts}
    guards: dict[str, Mount] = {}
    for checkout in found:
        for path, read_only in _guarded_paths(checkout, mounts):
            target = _writable_target(path, mounts)
            if target and target not in targets and not os.path.islink(path):
                guards[target] = Mount(source=path, target=target, read_only=read_only)
    return tuple(guards.values())


def guarded_files(
    project: str, found: Sequence[Checkout], guards: Sequence[Mount]
) -> tuple[GuardedFile, ...]:
    """Return the identities of the guarded files, and of missing files that git would obey.

    Git on the host replaces a file by renaming a new one. The kernel then removes the guard, which
    was mounted on the old file, so another identity means that the guard must be renewed.
    """
    missing = [
        os.path.join(checkout.common, "commondir")
        for checkout in found
        if checkout.git and checkout.git == checkout.common
    ]
    missing += [
        os.path.normpath(os.path.join(checkout.path, checkout.link))
        for checkout in found
        if not checkout.git
    ]
    if not found:
        missing.append(os.path.join(project, ".git"))
    guarded = [guard.source for guard in guards if guard.read_only]
    return tuple(map(file_identity, (*guarded, *missing)))


def have_changed(files: Sequence[GuardedFile]) -> bool:
    """Return whether one of the paths has another file now."""
    return any(file_identity(file[0]) != file for file in files)


def file_identity(path: str) -> GuardedFile:
    """Return the identity of the file that is at the path now; its numbers are 0 if none is."""
    try:
        status = os.lstat(path)
    except OSError:
        return path, 0, 0, 0
    changed = status.st_ctime_ns if stat.S_ISREG(status.st_mode) else 0
    return path, status.st_dev, status.st_ino, changed


def _writable_target(path: str, mounts: Sequence[Mount]) -> str | None:
    """Return the path in the container, or None if it is not there or is read-only."""
    containing = [mount for mount in mounts if to_container(path, [mount])]
    nearest = max(containing, key=lambda mount: len(mount.source), default=None)
    return to_container(path, [nearest]) if nearest and not nearest.read_only else None


def _guarded_paths(checkout: Checkout, mounts: Sequence[Mount]) -> Iterator[tuple[str, bool]]:
    """Yield paths on the host with whether they are mounted read-only.

    The others are mounted writable: a mount point cannot be renamed, so the read-only files in it
    stay where they are.
    """
    if checkout.link:
        yield os.path.join(checkout.path, ".git"), True
    # What the container cannot see or write needs no guard, and nothing is created there.
    if not checkout.git or not _writable_target(checkout.common, mounts):
        return
    yield checkout.common, False
    if _make_directory(hooks := os.path.join(checkout.common, "hooks")):
        yield hooks, True
    yield from _existing(checkout.common, "config", "config.worktree")
    # The container does not see the other worktrees: its `git gc` would remove them as lost.
    yield from _existing(checkout.common, "worktrees")
    if checkout.git != checkout.common:
        yield checkout.git, False
        # `gitdir` stays writable: git writes it once a day, and fails if it cannot.
        yield from _existing(checkout.git, "commondir", "config.worktree")


def _existing(directory: str, *names: str) -> Iterator[tuple[str, bool]]:
    for name in names:
        path = os.path.join(directory, name)
        if os.path.exists(path):
            yield path, True


def _make_directory(path: str) -> bool:
    try:
        os.mkdir(path, 0o755)
    except FileExistsError:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
    return True
