"""What a daemon holds and has made, to be compared before and after something went wrong."""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.support.daemon import Daemon, wait_until

WORKERS = min(32, (os.cpu_count() or 1) + 4)
"""Threads that asyncio's pool may have, each with one connection to the engine."""

_RUN = re.compile(r"run_[0-9a-f]+_\d+_")
_NUMBER = re.compile(r"\[\d+\]|[0-9a-f]{12,}")
_SEVERAL = re.compile(r"…[ …]*")
"""The token of the supervisor before is among a supervisor's arguments, where there was one."""


class Holdings:
    """A count of each kind of thing: descriptors, processes, pipes and directories of runs in the
    runtime directory, containers and volumes; and of threads."""

    def __init__(self, daemon: Daemon) -> None:
        client = daemon.connect()
        process = f"/proc/{client.request('buildd/status')['pid']}"
        client.close()
        self.threads = len(os.listdir(f"{process}/task"))
        self.things: Counter[str] = Counter()
        self._descriptors(process)
        runtime = daemon.environment["BUILDD_RUNTIME_DIR"]
        self._processes(os.path.dirname(runtime))
        self._files(runtime)
        if os.environ.get("BUILDD_TEST_ENGINE", "docker") != "host":
            self._engine(daemon.projects)

    def beyond(self, before: Holdings) -> Counter[str]:
        """What there is more than there was; the pool's threads, and what they hold, may come."""
        more = self.things - before.things
        more["descriptor socket"] -= WORKERS
        more["threads"] = self.threads - max(before.threads, WORKERS + 2)
        return +more

    def _descriptors(self, process: str) -> None:
        for number in os.listdir(f"{process}/fd"):
            try:
                what = os.readlink(f"{process}/fd/{number}")
            except FileNotFoundError:
                continue
            self.things[f"descriptor {_named(what).partition(':')[0]}"] += 1

    def _processes(self, directory: str) -> None:
        """Those that work in a directory of the test's, whether in a container or not."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                where = os.readlink(process / "cwd")
                words = (process / "cmdline").read_text().split("\0")
            except OSError:
                continue
            if where.startswith(f"{directory}/"):
                self.things[f"process {_named(' '.join(words))}"] += 1

    def _files(self, runtime: str) -> None:
        for folder, folders, files in os.walk(runtime):
            for name in (*folders, *files):
                self.things[f"file {_named(os.path.join(folder, name))}"] += 1

    def _engine(self, projects: list[str]) -> None:
        import docker

        client = docker.from_env()
        try:
            for path in projects:
                label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={path}"}
                found = client.containers.list(all=True, filters=label, ignore_removed=True)
                self.things[f"container of {path}"] += len(found)
                for container in found:
                    if container.status != "running":
                        continue
                    with suppress(docker.errors.APIError):  # it has stopped meanwhile
                        for row in container.top()["Processes"] or ():
                            self.things[f"process inside {_named(row[-1])}"] += 1
                self.things[f"volume of {path}"] += len(client.volumes.list(filters=label))
        finally:
            client.close()


def held_now(daemon: Daemon) -> Holdings:
    """What an idle daemon holds, once nothing of it comes or goes any more."""
    before = Holdings(daemon)

    def is_settled() -> bool:
        nonlocal before
        earlier, before = before, Holdings(daemon)
        return earlier.things == before.things

    wait_until(is_settled)
    return before


def nothing_is_left(daemon: Daemon, before: Holdings) -> None:
    """Wait until the daemon, which is idle, holds and has made no more than before."""
    more: Counter[str] = Counter()

    def is_so() -> bool:
        more.clear()
        more.update(Holdings(daemon).beyond(before))
        return not more

    try:
        wait_until(is_so)
    except AssertionError:
        raise AssertionError(f"left behind: {dict(more)}") from None


def _named(what: str) -> str:
    """Without what differs from one run, or one supervisor, to the next."""
    return _SEVERAL.sub("…", _NUMBER.sub("…", _RUN.sub("run", what)))
