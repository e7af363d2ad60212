"""This module finds the git directories of a checkout by reading files, without running git.

These files may be written by whoever made the project, so they are not trusted. A git directory
counts as the checkout's own only if it names the checkout itself, and belongs to the user.
Source: gitrepository-layout(5).
"""

from __future__ import annotations

import os
import re
import stat

from buildd.model import Frozen

FILE_LIMIT = 256 << 10
"""Bytes that are read of one of git's files."""

CHECKOUT_LIMIT = 256
"""Largest number of checkouts that are read in one project."""


class Checkout(Frozen, frozen=True):
    """A checkout is a directory with a `.git`."""

    path: str
    link: str = ""
    """The path that a `.git` file or symbolic link contains; empty if `.git` is a directory."""
    git: str = ""
    """The canonical path of the git directory; empty if it does not exist."""
    common: str = ""
    """The directory with the history and configuration; in a worktree it is not `git`."""
    worktree: str = ""
    """The value of `core.worktree`."""
    is_own: bool = False
    """Whether `git` and `common` name this checkout, and belong to the user."""


def checkouts(directory: str) -> list[Checkout]:
    """Return the checkout in the canonical `directory`, then its submodules at every depth."""
    found: list[Checkout] = []
    waiting = [directory]
    for path in waiting:
        checkout = checkout_at(path)
        if checkout and len(found) < CHECKOUT_LIMIT:
            found.append(checkout)
            waiting += _submodules(path)
    return found


def redirected_config(checkout: Checkout) -> str:
    """Return where a `.git` directory says that its configuration is, or empty.

    Only worktrees have a `commondir` file; in any other git directory it redirects git to a
    configuration that the project chose.
    """
    if not checkout.git or checkout.link:
        return ""
    return _line(os.path.join(checkout.git, "commondir"))


def alternates(common: str) -> list[str]:
    """Return the object directories of other repositories that a repository uses.

    The paths are as `objects/info/alternates` has them: absolute, or relative to `objects`.
    """
    text = _text(os.path.join(common, "objects", "info", "alternates"))
    return [name for name in text.splitlines() if name and not name.startswith("#")]


def checkout_at(path: str) -> Checkout | None:
    """The checkout in exactly this canonical directory; None where there is none."""
    dot = os.path.join(path, ".git")
    try:
        mode = os.lstat(dot).st_mode
        if stat.S_ISDIR(mode):
            return Checkout(path=path, git=dot, common=dot, is_own=True)
        link = os.readlink(dot) if stat.S_ISLNK(mode) else _gitdir(dot)
    except OSError:
        return None
    if not link:
        return None
    git = os.path.realpath(os.path.join(path, link))
    if not os.path.isdir(git):
        return Checkout(path=path, link=link)
    common = os.path.realpath(os.path.join(git, _line(os.path.join(git, "commondir"))))
    worktree = _core_worktree(os.path.join(common, "config")) if common == git else ""
    return Checkout(
        path=path,
        link=link,
        git=git,
        common=common,
        worktree=worktree,
        is_own=_names(path, git, common, worktree),
    )


def _names(path: str, git: str, common: str, worktree: str) -> bool:
    """Return whether the git directory itself names the checkout at `path` as its own."""
    if common == git:  # a submodule
        named = worktree and os.path.realpath(os.path.join(git, worktree)) == path
    else:
        back = os.path.realpath(os.path.join(git, _line(os.path.join(git, "gitdir"))))
        is_worktree = os.path.dirname(git) == os.path.join(common, "worktrees")
        named = is_worktree and back == os.path.join(path, ".git")
    return bool(named) and _is_repository(common) and _is_users(git) and _is_users(common)


def _is_repository(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "HEAD")) and all(
        os.path.isdir(os.path.join(path, name)) for name in ("objects", "refs")
    )


def _is_users(path: str) -> bool:
    try:
        return os.stat(path).st_uid == os.getuid()
    except OSError:
        return False


def _submodules(path: str) -> list[str]:
    """Return the directories that `.gitmodules` names, if they are really inside the checkout."""
    names = re.findall(r"(?m)^\s*path\s*=\s*(.+?)\s*$", _text(os.path.join(path, ".gitmodules")))
    directories = dict.fromkeys(os.path.normpath(os.path.join(path, name)) for name in names)
    return [
        directory
        for directory in directories
        if directory.startswith(path.rstrip("/") + "/") and os.path.realpath(directory) == directory
    ]


def _core_worktree(config: str) -> str:
    section = ""
    for line in _text(config).splitlines():
        if header := re.match(r"\s*\[\s*([\w.-]+)", line):
            section = header[1].lower()
        elif section == "core" and (match := re.match(r"(?i)\s*worktree\s*=\s*(.*?)\s*$", line)):
            return match[1].removeprefix('"').removesuffix('"')
    return ""


def _gitdir(file: str) -> str:
    """Return the path in a `.git` file, or empty if the file has another format."""
    match = re.match(r"gitdir:[ \t]*([^\s\0][^\n\0]*?)\s*\Z", _text(file))
    return match[1] if match else ""


def _line(file: str) -> str:
    return _text(file).rstrip("\n").replace("\0", "")


def _text(file: str) -> str:
    """Return the first FILE_LIMIT bytes of a regular file, or empty if it cannot be read."""
    try:
        # Without O_NONBLOCK, a named pipe in the file's place would block until somebody writes.
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as opened:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return ""
            return os.fsdecode(opened.read(FILE_LIMIT))
    except OSError:
        return ""
