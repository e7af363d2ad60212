"""This module reports symbolic links of a project whose targets are not in its container.

The targets are not mounted automatically: whoever makes a project makes its links, and one of them
may lead to the user's keys.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence

from buildd.base.printable import printable
from buildd.files.path_map import to_container, to_host
from buildd.model import Mount

ENTRY_LIMIT = 10_000
"""Largest number of directory entries that are read, from the top; this takes some 10 ms."""

REMARK_LIMIT = 5
"""Largest number of links that are reported one by one."""

_IN_THE_IMAGE = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/nix")
"""Directories that images have, so that a link to them probably means the image's files."""

_SKIPPED = (".git", "node_modules", "__pycache__")


def remarks(project: str, mounts: Sequence[Mount]) -> tuple[str, ...]:
    """Return a sentence for each link to something outside the container, with its remedy.

    It reads directories: call it in a thread.
    """
    links = list(_outside_links(project, mounts))
    lines = [_remark(*link) for link in links[:REMARK_LIMIT]]
    if len(links) > REMARK_LIMIT:
        rest = len(links) - REMARK_LIMIT
        lines.append(f"{rest} more links lead to files that are not in the environment")
    return tuple(lines)


def mount_line(source: str, target: str, *, read_only: bool = False) -> str:
    """Return the line of buildd.toml that mounts `source` at `target`, in backticks."""
    source, target = (path.replace("\\", "\\\\").replace('"', '\\"') for path in (source, target))
    access = ", read-only = true" if read_only else ""
    return printable(f'`mounts = [{{ source = "{source}", target = "{target}"{access} }}]`')


def _outside_links(project: str, mounts: Sequence[Mount]) -> Iterator[tuple[str, str, str]]:
    """Yield each link with its canonical target on the host, and its target in the container."""
    for link in _links(project):
        real = os.path.realpath(link)
        directory = to_container(os.path.dirname(link), mounts)
        if directory is None or not os.path.exists(real):
            continue
        target = posixpath.normpath(posixpath.join(directory, os.readlink(link)))
        mounted = to_host(target, mounts)
        is_inside = mounted is not None and os.path.realpath(mounted) == real
        if not is_inside and not any(_is_below(target, root) for root in _IN_THE_IMAGE):
            yield link, real, target


def _links(project: str) -> Iterator[str]:
    """Yield the symbolic links of a project, those near its top first."""
    waiting, left = [project], ENTRY_LIMIT
    for directory in waiting:
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    left -= 1
                    if entry.is_symlink():
                        yield entry.path
                    elif entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED:
                        waiting.append(entry.path)
                    if not left:
                        return
        except OSError:
            continue


def _remark(link: str, real: str, target: str) -> str:
    text = f"{printable(link)} leads to {printable(real)}, which is not in the environment"
    if why := _reason_not_to_mount(link, real):
        return f"{text}. Do not mount it: it {why}"
    return f"{text}. To mount it, add {mount_line(real, target, read_only=True)}"


def _reason_not_to_mount(link: str, real: str) -> str:
    """Return why the target should not be mounted, in words after "it", or empty."""
    home = os.path.realpath(os.path.expanduser("~"))
    if _is_below(home, real) or _is_below(link, real):
        return "contains your home directory or the project; link to a directory below it instead"
    inside = os.path.relpath(real, home)
    if inside.startswith(".") and not inside.startswith((".." + os.sep, ".cache" + os.sep)):
        return "contains keys or settings of your programs; copy the files that you need instead"
    try:
        is_users = os.stat(real).st_uid == os.getuid()
    except OSError:
        is_users = False
    return "" if is_users else "belongs to another user; copy the files that you need instead"


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
