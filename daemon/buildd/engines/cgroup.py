"""How often a container has met its limits, as the kernel's control groups count it."""

from __future__ import annotations

import os

import msgspec

ROOT = "/sys/fs/cgroup"
PROCESSES = "/proc"


class LimitCounts(msgspec.Struct, frozen=True):
    """How many processes were killed for want of memory, and how often none could be made."""

    memory: int = 0
    processes: int = 0


def group_of(process: int, container: str) -> dict[str, str]:
    """The files in which a container's limits are counted, by what they limit. `process` is one of
    its, as this machine counts. Empty where it has no control group of its own, or we see none."""
    theirs, ours = _paths(str(process)), _paths("self")
    # The first version has a hierarchy for each controller, the second one for all.
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
        # In a container of our own, what is mounted may begin with our own group.
        for seen in (path, path.removeprefix(ours.get(name, ""))):
            if container in seen and os.path.exists(f"{ROOT}{hierarchy}{seen}/{file}"):
                found[kind] = f"{ROOT}{hierarchy}{seen}/{file}"
                break
    return found


def _paths(process: str) -> dict[str, str]:
    """The control group of a process in each hierarchy, by the names of its controllers; the
    second version's has an empty name."""
    try:
        with open(f"{PROCESSES}/{process}/cgroup", encoding="ascii", errors="replace") as file:
            rows = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return {}
    return {name: row[2] for row in rows if len(row) == 3 for name in row[1].split(",")}


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
