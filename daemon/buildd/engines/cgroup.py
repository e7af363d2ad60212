"""This module reads how often a container reached its limits, from the kernel's control groups.

Source: the kernel's documentation of cgroup v1 (memory, pids) and v2.
"""

from __future__ import annotations

import os

import msgspec

ROOT = "/sys/fs/cgroup"
"""Where cgroup file systems are mounted."""

PROCESSES = "/proc"
"""Where the kernel shows processes."""


class LimitCounts(msgspec.Struct, frozen=True):
    """How often a container has reached its limits.

    `memory` counts processes that the kernel killed because there was no memory; `processes`
    counts processes that could not be created.
    """

    memory: int = 0
    processes: int = 0


def group_of(process: int, container: str) -> dict[str, str]:
    """Return the files that count how often a container reached `memory` and `processes`.

    `process` is the id, on the host, of a process in the container with the id `container`. The
    result is empty if the container has no control group of its own, or if it is not visible.
    """
    theirs, ours = _paths(str(process)), _paths("self")
    # cgroup v1 has a hierarchy for each controller, v2 has one for all.
    if "memory" in theirs:
        wanted = {
            "memory": ("/memory", "memory", "memory.oom_control"),
            "processes": ("/pids", "pids", "pids.events"),
        }
    else:
        wanted = {"memory": ("", "", "memory.events"), "processes": ("", "", "pids.events")}
    found = {}
    for kind, (hierarchy, name, file) in wanted.items():
        path = theirs.get(name, "")
        # If buildd is in a container itself, the mounted tree may begin at its own group.
        for seen in (path, path.removeprefix(ours.get(name, ""))):
            if container in seen and os.path.exists(f"{ROOT}{hierarchy}{seen}/{file}"):
                found[kind] = f"{ROOT}{hierarchy}{seen}/{file}"
                break
    return found


def _paths(process: str) -> dict[str, str]:
    """Return the control group of a process in each hierarchy, by the name of its controller.

    That of cgroup v2 has an empty name.
    """
    try:
        with open(f"{PROCESSES}/{process}/cgroup", encoding="ascii", errors="replace") as file:
            rows = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return {}
    return {name: row[2] for row in rows if len(row) == 3 for name in row[1].split(",")}


def read_counts(group: dict[str, str]) -> LimitCounts:
    """Read the current counts from the files that `group_of` returned."""
    return LimitCounts(
        memory=_counter(group.get("memory", ""), b"oom_kill"),
        processes=_counter(group.get("processes", ""), b"max"),
    )


def _counter(path: str, name: bytes) -> int:
    try:
        # Every run waits for this, and a file object would take three times as long.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        words = os.read(fd, 4096).split()
        return int(words[words.index(name) + 1])
    except (OSError, ValueError, IndexError):
        return 0
    finally:
        os.close(fd)
