"""This module reads how often a container reached its limits, from the kernel's control groups.

Source: the kernel's documentation of cgroup v1 (memory, pids) and v2.
"""

from __future__ import annotations

import os

import msgspec

ROOT = "/sys/fs/cgroup"
"""Where cgroup file systems are mounted."""


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
    try:
        with open(f"/proc/{process}/cgroup", encoding="ascii", errors="replace") as file:
            rows = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return {}
    # cgroup v1 has a hierarchy for each controller, v2 has one for all.
    paths = {name: path for _, names, path in rows for name in names.split(",")}
    if "memory" in paths:
        files = {
            "memory": f"{ROOT}/memory{paths['memory']}/memory.oom_control",
            "processes": f"{ROOT}/pids{paths.get('pids', '')}/pids.events",
        }
    else:
        group = f"{ROOT}{paths.get('', '')}"
        files = {"memory": f"{group}/memory.events", "processes": f"{group}/pids.events"}
    return {
        kind: path for kind, path in files.items() if container in path and os.path.exists(path)
    }


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
