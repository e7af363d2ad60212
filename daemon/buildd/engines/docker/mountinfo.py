"""What the kernel says is mounted, by which one mount is told from another: proc_pid_mountinfo(5).

Paths are resolved anew by whoever mounts something. The kernel names the file that was found.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_ESCAPED = re.compile(r"\\([0-7]{3})")


class MountedFile(NamedTuple):
    """A file or directory as its file system knows it: the device, and the path in there.

    It is the same in every mount namespace of this kernel.
    """

    device: str
    path: str


class MountPoint(NamedTuple):
    """A line of the table: `number` names it there, `place` is where it is mounted."""

    number: str
    file: MountedFile
    place: str
    read_only: bool


def parse(table: str) -> Iterator[MountPoint]:
    """The mounts of a table, in its order: of two at the same place, the later one is seen."""
    for line in table.split("\n"):
        fields = line.split(" ")
        if len(fields) > 5:
            file = MountedFile(device=fields[2], path=_plain(fields[3]))
            yield MountPoint(fields[0], file, _plain(fields[4]), "ro" in fields[5].split(","))


def of_process(process: int | str) -> list[MountPoint]:
    """What a process sees; empty where we do not see that."""
    try:
        with open(f"/proc/{process}/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return list(parse(file.read()))
    except OSError:
        return []


def of_descriptor(descriptor: int) -> MountedFile | None:
    """Which file a descriptor of ours leads to; None where the kernel does not say."""
    try:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
            known = dict(line.split(":", 1) for line in file.read().splitlines() if ":" in line)
    except OSError:
        return None
    number = known.get("mnt_id", "").strip()
    mount = next((one for one in of_process("self") if one.number == number), None)
    if mount is None:
        return None
    below = os.path.relpath(path, mount.place)
    if below.startswith(".."):
        return None
    return MountedFile(mount.file.device, os.path.normpath(os.path.join(mount.file.path, below)))


def missing(wanted: Iterable[MountedFile], found: Iterable[MountPoint]) -> set[MountedFile]:
    """The wanted files that are not mounted as often as they are wanted.

    By what is mounted and not by its place: a link in the image may have moved that.
    """
    return set(Counter(wanted) - Counter(mount.file for mount in found))


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda code: chr(int(code[1], 8)), text)
