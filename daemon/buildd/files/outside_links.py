"""Symbolic links of a project that lead to what its container does not see: told, not mounted.

Whoever makes a project makes its links; one to the user's keys is quickly made.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence

from buildd.base.containment import is_below
from buildd.base.printable import printable
from buildd.files.path_map import to_container, to_host
from buildd.model import Mount

LOOKED_AT = 10_000
"""Entries of directories that are looked at, from the top: some tens of milliseconds."""

TOLD = 5

_OF_THE_IMAGE = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/nix")
"""Where an image has files of its own, which such a link may well mean."""

_SKIPPED = (".git", "node_modules", "__pycache__")


def remarks(project: str, mounts: Sequence[Mount]) -> tuple[str, ...]:
    """A line for a person on each link that leads out, with what to do. Reads directories."""
    found = list(_leading_out(project, mounts))
    told = [_remark(*one) for one in found[:TOLD]]
    if len(found) > TOLD:
        told.append(f"{len(found) - TOLD} more links lead to what the environment does not see")
    return tuple(told)


def line(source: str, target: str, *, read_only: bool = False) -> str:
    """The line of buildd.toml that mounts it."""
    source, target = (path.replace("\\", "\\\\").replace('"', '\\"') for path in (source, target))
    access = ", read-only = true" if read_only else ""
    return printable(f'`mounts = [{{ source = "{source}", target = "{target}"{access} }}]`')


def _leading_out(project: str, mounts: Sequence[Mount]) -> Iterator[tuple[str, str, str]]:
    """Links, where they lead on the host, and in the container."""
    for link in _links(project):
        real = os.path.realpath(link)
        directory = to_container(os.path.dirname(link), mounts)
        if directory is None or not os.path.exists(real):
            continue
        leads = posixpath.normpath(posixpath.join(directory, os.readlink(link)))
        seen = to_host(leads, mounts)
        is_seen = seen is not None and os.path.realpath(seen) == real
        if not is_seen and not any(is_below(leads, root) for root in _OF_THE_IMAGE):
            yield link, real, leads


def _links(project: str) -> Iterator[str]:
    """The links of a project, those near its top first."""
    waiting, left = [project], LOOKED_AT
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


def _remark(link: str, real: str, leads: str) -> str:
    told = f"{printable(link)} leads to {printable(real)}, which the environment does not see"
    if why := _too_much(link, real):
        return f"{told}. That {why}"
    return f"{told}. If it should: {line(real, leads, read_only=True)}"


def _too_much(link: str, real: str) -> str:
    """Why nobody should mount it, in words after 'that'; empty if there is no such reason."""
    home = os.path.realpath(os.path.expanduser("~"))
    if is_below(home, real) or is_below(link, real):
        return "holds your home directory, or the project itself: link to a directory below it"
    inside = os.path.relpath(real, home)
    if inside.startswith(".") and not inside.startswith((".." + os.sep, ".cache" + os.sep)):
        return "is where programs keep your keys and settings: copy what is needed"
    try:
        is_ours = os.stat(real).st_uid == os.getuid()
    except OSError:
        is_ours = False
    return "" if is_ours else "is not yours: copy what is needed"
