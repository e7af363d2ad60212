"""Where git keeps what belongs to a checkout: read from its files, without running git.

What these files say was perhaps written by whoever made the project. So a directory of git's counts
as a checkout's own only if that directory itself names the checkout, and is the user's.
"""

from __future__ import annotations

import os
import re
import stat

from buildd.base.safe_open import open_regular
from buildd.model import Frozen

LONGEST = 256 << 10
"""Bytes of one of git's files that are read."""

MOST = 256
"""Checkouts of a project that are looked at."""


class Checkout(Frozen, frozen=True):
    """A directory with a `.git`. `link` is what that says where it is not a directory itself;
    `git` is the directory that it leads to, canonical, empty where that does not exist; `common`
    is what holds the history and the configuration: the same, but for a worktree. `worktree` is
    what `core.worktree` says there. `is_own`: they name this checkout, and belong to the user."""

    path: str
    link: str = ""
    git: str = ""
    common: str = ""
    worktree: str = ""
    is_own: bool = False


def checkouts(directory: str) -> list[Checkout]:
    """The checkout in the canonical `directory`, then those of its submodules, and of theirs."""
    found: list[Checkout] = []
    waiting = [directory]
    for path in waiting:
        checkout = _checkout(path)
        if checkout and len(found) < MOST:
            found.append(checkout)
            waiting += _submodules(path)
    return found


def led_away(checkout: Checkout) -> str:
    """Where the git directory of no worktree says that its configuration is; empty as a rule."""
    if not checkout.git or checkout.link:
        return ""
    return _line(os.path.join(checkout.git, "commondir"))


def alternates(common: str) -> list[str]:
    """The directories in which a repository has objects of others, as it names them: absolute, or
    relative to its own `objects`."""
    text = _text(os.path.join(common, "objects", "info", "alternates"))
    return [name for name in text.splitlines() if name and not name.startswith("#")]


def _checkout(path: str) -> Checkout | None:
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
    """Whether git's directory says of itself that it is that of the checkout at `path`."""
    if common == git:  # a submodule's
        named = worktree and os.path.realpath(os.path.join(git, worktree)) == path
    else:
        back = os.path.realpath(os.path.join(git, _line(os.path.join(git, "gitdir"))))
        is_worktree = os.path.dirname(git) == os.path.join(common, "worktrees")
        named = is_worktree and back == os.path.join(path, ".git")
    return bool(named) and _is_repository(common) and _is_ours(git) and _is_ours(common)


def _is_repository(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "HEAD")) and all(
        os.path.isdir(os.path.join(path, name)) for name in ("objects", "refs")
    )


def _is_ours(path: str) -> bool:
    try:
        return os.stat(path).st_uid == os.getuid()
    except OSError:
        return False


def _submodules(path: str) -> list[str]:
    """The directories that `.gitmodules` names, as far as they lie where they seem to."""
    found = re.findall(r"(?m)^\s*path\s*=\s*(.+?)\s*$", _text(os.path.join(path, ".gitmodules")))
    directories = dict.fromkeys(os.path.normpath(os.path.join(path, name)) for name in found)
    return [
        one
        for one in directories
        if one.startswith(path.rstrip("/") + "/") and os.path.realpath(one) == one
    ]


def _core_worktree(config: str) -> str:
    section = ""
    for line in _text(config).splitlines():
        if header := re.match(r"\s*\[\s*([\w.-]+)", line):
            section = header[1].lower()
        elif section == "core" and (found := re.match(r"(?i)\s*worktree\s*=\s*(.*?)\s*$", line)):
            return found[1].removeprefix('"').removesuffix('"')
    return ""


def _gitdir(file: str) -> str:
    """What a file `.git` leads to; empty if it is another kind of file."""
    found = re.match(r"gitdir:[ \t]*([^\s\0][^\n\0]*?)\s*\Z", _text(file))
    return found[1] if found else ""


def _line(file: str) -> str:
    return _text(file).rstrip("\n").replace("\0", "")


def _text(file: str) -> str:
    """The beginning of a regular file; empty where there is none that can be read."""
    try:
        with open_regular(file) as opened:
            return os.fsdecode(opened.read(LONGEST))
    except OSError:
        return ""
