"""What it costs to decide that an image is still as it is defined, in a project of many files."""

from __future__ import annotations

import asyncio
import os
import statistics
import time

from buildd.engines.image_definition.digest import ImageSource, define
from buildd.watching.inotify import TouchedDirectories
from tests.conftest import IMAGE
from tests.support.client import Client
from tests.support.daemon import Daemon, wait_until

DIRECTORIES = 500
FILES = 100
"""In each directory."""


def figures(directory: str, daemon: Daemon, rounds: int) -> dict[str, float]:
    """Seconds, medians of the rounds."""
    path = os.path.join(directory, "many-files")
    _make(path)
    daemon.remember(path)
    daemon.trust(path)
    client = daemon.connect()
    try:
        found = _through_the_daemon(path, client, rounds)
    finally:
        client.close()
    with open(os.path.join(path, "Dockerfile"), "w", encoding="ascii") as file:
        file.write(f"FROM {IMAGE}\nCOPY . /in/\n")
    return found | asyncio.run(_of_all(path, rounds))


def _through_the_daemon(path: str, client: Client, rounds: int) -> dict[str, float]:
    """Where the Dockerfile takes one of the files: `buildd/up`, which decides, and a change."""
    client.request("buildd/up", project=path)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        client.request("buildd/up", project=path)
        times.append(time.perf_counter() - begun)

    def changed() -> bool:
        projects = client.request("buildd/status", project=path)["projects"]
        return bool(projects[0]["environments"][0].get("changed"))

    begun = time.perf_counter()
    _write(path, "needs.txt", "another\n")
    wait_until(changed)
    return {
        "50,000 files, one is taken: `up` finds no change": statistics.median(times),
        "50,000 files, one is taken: its change is noticed": time.perf_counter() - begun,
    }


async def _of_all(path: str, rounds: int) -> dict[str, float]:
    """Where it takes all of them: the decision alone, without the building of such an image."""
    source = ImageSource(table="bench", dockerfile=os.path.join(path, "Dockerfile"), context=path)
    touched = TouchedDirectories(lambda: None)
    try:
        before = define(source, touched.add)
        touched.take()
        times = []
        for _ in range(rounds):
            begun = time.perf_counter()
            assert not touched.take()
            times.append(time.perf_counter() - begun)
        _write(path, "needs.txt", "one\n")
        begun = time.perf_counter()
        assert touched.take()
        assert define(source).differences(before.parts) == ("needs.txt",)
        look = time.perf_counter() - begun
    finally:
        touched.close()
    return {
        "50,000 files, all are taken: no change is found": statistics.median(times),
        "50,000 files, all are taken: which one changed": look,
    }


def _make(path: str) -> None:
    for number in range(DIRECTORIES):
        folder = os.path.join(path, f"directory{number}")
        os.makedirs(folder)
        for name in range(FILES):
            _write(folder, f"file{name}.c", f"int number = {number * FILES + name};\n")
    _write(path, "needs.txt", "needed\n")
    _write(path, "Dockerfile", f"FROM {IMAGE}\nCOPY needs.txt /in/\n")
    keys = 'dockerfile = "Dockerfile"\ncontext = "."\non-change = "ask"\n'
    _write(path, "buildd.toml", f"[environments.build]\n{keys}")


def _write(directory: str, name: str, content: str) -> None:
    with open(os.path.join(directory, name), "w", encoding="ascii") as file:
        file.write(content)
