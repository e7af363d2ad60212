"""How often a container has met its limits, as the kernel's control groups count it."""

from __future__ import annotations

import os

import msgspec

ROOT = "/sys/fs/cgroup"


class LimitCounts(msgspec.Struct, frozen=True):
    """How many processes were killed for want of memory, and how often none could be made."""

    memory: int = 0
    processes: int = 0


def group_of(process: int, container: str) -> dict[str, str]:
    """The files in which a container's limits are counted, by what they limit. `process` is one of
    its, as this machine counts. Empty where it has no control group of its own, or we see none."""
    try:
        with open(f"/proc/{process}/cgroup", encoding="ascii", errors="replace") as file:
            rows = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return {}
    # The first version has a hierarchy for each controller, the second one for all.
    paths = {name: path for _, names, path in rows for name in names.split(",")}
    if "memory" in paths:
        found = {
            "memory": f"{ROOT}/memory{paths['memory']}/memory.oom_control",
            "processes": f"{ROOT}/pids{paths.get('pids', '')}/pids.events",
        }
    else:
        group = f"{ROOT}{paths.get('', '')}"
        found = {"memory": f"{group}/memory.events", "processes": f"{group}/pids.events"}
    return {
        kind: path for kind, path in found.items() if container in path and os.path.exists(path)
    }


def met(group: dict[str, str]) -> LimitCounts:
    """What is counted by now."""
    return LimitCounts(
        memory=_counter(group.get("memory", ""), b"oom_kill"),
        processes=_counter(group.get("processes", ""), b"max"),
    )


def _counter(path: str, name: bytes) -> int:
    try:
        # On the way of every run: a file object would take three times as long.
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
