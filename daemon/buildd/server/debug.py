"""What `buildd daemon debug` tells for a bug report: how the daemon is inside, without secrets."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from buildd import __version__
from buildd.base.logs import COUNTS
from buildd.base.lone_surrogates import encode
from buildd.base.masking import is_secret, masked

if TYPE_CHECKING:
    from buildd.server.server import Server

LOG_LINES = 200
"""The newest of the log that are shown."""

LIBRARIES = ("docker", "pygls", "lsprotocol", "watchdog", "msgspec")

_NAMES = ("BUILDD_", "DOCKER_", "CONTAINER_", "XDG_", "LANG", "LC_", "PATH", "TMPDIR", "PYTHON")


def report(server: Server) -> str:
    """The report, as text. Call it on the event loop; it reads the log's end only."""
    status = server.status()
    parts = [
        ("buildd", [f"{__version__} (build {server.build})", f"up {status.uptime:.0f} s"]),
        ("machine", [platform.platform(), f"Python {sys.version}", *_libraries()]),
        ("resources", list(_resources(status.memory))),
        ("counts", [f"{name} {number}" for name, number in sorted(COUNTS.items())]),
        ("settings", [f"{one.key} {one.value} ({one.source})" for one in status.settings]),
        ("environment", list(_variables())),
        ("projects", [encode(one).decode() for one in status.projects]),
        ("threads", sorted(thread.name for thread in threading.enumerate())),
        ("tasks", list(_tasks())),
        ("log", _end_of(server.log_path)),
    ]
    text = "\n".join(line for name, lines in parts for line in (f"== {name}", *lines, ""))
    return masked(text.replace(os.path.expanduser("~") + "/", "~/"))


def _libraries() -> Iterator[str]:
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not installed"


def _resources(memory: int) -> Iterator[str]:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield f"memory {memory >> 20} MiB, at most {most >> 10} MiB"
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        found = os.listdir("/proc/self/fd")
    except OSError:
        return
    yield f"descriptors {len(found)} of {limit}"
    kinds = Counter(filter(None, map(_kind, found)))
    yield from (f"  {kind} {number}" for kind, number in sorted(kinds.items()))
    yield f"inotify watches {sum(map(_watches, found))}"


def _kind(descriptor: str) -> str:
    try:
        target = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""  # it was the listing's own
    return "file" if target.startswith("/") else target.partition(":[")[0]


def _watches(descriptor: str) -> int:
    try:
        with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
            return sum(line.startswith("inotify wd:") for line in file)
    except OSError:
        return 0


def _variables() -> Iterator[str]:
    for name, value in sorted(os.environ.items()):
        if name.startswith(_NAMES):
            yield f"{name}={'***' if is_secret(name) else value}"


def _tasks() -> Iterator[str]:
    """Each with where it waits."""
    for task in sorted(asyncio.all_tasks(), key=lambda task: task.get_name()):
        stack = task.get_stack(limit=1)
        where = f"{stack[0].f_code.co_filename}:{stack[0].f_lineno}" if stack else "nowhere"
        coroutine = task.get_coro()
        yield f"{task.get_name()} {getattr(coroutine, '__qualname__', coroutine)} at {where}"


def _end_of(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - (64 << 10)))
            return file.read().decode("utf-8", "replace").splitlines()[-LOG_LINES:]
    except OSError as error:
        return [f"{path}: {error.strerror}"]
