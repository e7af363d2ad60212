"""The article's own comparison: a project built by `docker build` with COPY, by `docker run` with a
bind mount, by buildd and natively; the first time, after one file has changed, and what it leaves.

`python -m tests.bench.article` runs it alone; `make bench` runs it with the rest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import docker

from tests.conftest import IMAGE
from tests.support.daemon import Daemon, remove_containers

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))
SOURCES = Path(__file__).parents[2] / ".cache" / "sources"

REBUILDS = 10


class Sample(NamedTuple):
    """A project: its directory among the sources, how it is built, and the file that changes."""

    name: str
    command: str
    file: str


REDIS = Sample("redis", f"make -j{os.cpu_count()} MALLOC=libc", "src/t_string.c")


class Way(NamedTuple):
    """One way to build. `build` gets the number of the build, `disk` the bytes that all of them
    have left beside the sources, after the last."""

    name: str
    directory: str
    build: Callable[[int], None]
    disk: Callable[[], int]


class Row(NamedTuple):
    """Seconds and bytes."""

    name: str
    first: float
    rebuild: float
    disk: int


def rows(sample: Sample, rebuilds: int) -> list[Row]:
    """Build in each way, each in a copy of its own; the rebuilds in turn."""
    directory = tempfile.mkdtemp(prefix="ba-", dir="/tmp")
    daemon = Daemon(os.path.join(directory, "r"), os.path.join(directory, "s"))
    engine = docker.from_env()
    ways = [
        make(directory, sample, daemon, engine) for make in (_native, _buildd, _mounted, _copied)
    ]
    try:
        first = {way.name: _timed(way, 0) for way in ways}
        later: dict[str, list[float]] = {way.name: [] for way in ways}
        for number in range(1, rebuilds + 1):
            for way in ways:
                with open(os.path.join(way.directory, sample.file), "a") as file:
                    file.write(f"/* {number} */\n")
                later[way.name].append(_timed(way, number))
        return [
            Row(way.name, first[way.name], statistics.median(later[way.name]), way.disk())
            for way in ways
        ]
    finally:
        daemon.close()
        remove_containers(os.path.join(directory, "buildd"))
        for image in engine.images.list(filters={"label": f"bench={directory}"}):
            engine.images.remove(str(image.id), force=True)
        engine.close()
        shutil.rmtree(directory, ignore_errors=True)


def show(sample: Sample, found: list[Row], rebuilds: int) -> None:
    """Print them as a table."""
    title = f"{sample.name}, each way in turn"
    print(f"{title:36} {'first build':>12} {'one file':>12} {f'left by {rebuilds}':>12}")
    for row in found:
        print(f"{row.name:36} {row.first:10.1f} s {row.rebuild:10.2f} s {row.disk / 1e6:9.1f} MB")
    times = {row.name: row.rebuild for row in found}
    native, ours = times["natively"], times["buildd build"]
    limit = 1.1 * native + 0.02
    print(
        f"one file by buildd: {1000 * (ours - native):+.0f} ms beside native, where "
        f"{1000 * (limit - native):.0f} ms (10 % and 20 ms) is the limit"
    )


def _timed(way: Way, number: int) -> float:
    start = time.perf_counter()
    way.build(number)
    return time.perf_counter() - start


def _copy(directory: str, sample: Sample, name: str) -> str:
    path = os.path.join(directory, name)
    shutil.copytree(os.path.join(SOURCES, sample.name), path, symlinks=True)
    return path


def _run(*command: str, **options: object) -> None:
    nothing = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=nothing, stderr=nothing, **options)  # type: ignore[call-overload]  # passed on


def _grown(path: str) -> Callable[[], int]:
    """What the directory has grown by since now."""
    before = _size(path)
    return lambda: _size(path) - before


def _size(path: str) -> int:
    return sum(
        os.lstat(os.path.join(folder, name)).st_blocks * 512
        for folder, _, names in os.walk(path)
        for name in names
    )


def _native(directory: str, sample: Sample, *_: object) -> Way:
    path = _copy(directory, sample, "native")
    return Way("natively", path, lambda _: _run("sh", "-c", sample.command, cwd=path), _grown(path))


def _mounted(directory: str, sample: Sample, *_: object) -> Way:
    path = _copy(directory, sample, "mounted")
    options = ("--rm", "-v", f"{path}:{path}", "-w", path, "-u", f"{os.getuid()}:{os.getgid()}")
    command = ("docker", "run", *options, IMAGE, "sh", "-c", sample.command)
    return Way("docker run --rm, bind mount", path, lambda _: _run(*command), _grown(path))


def _buildd(directory: str, sample: Sample, daemon: Daemon, engine: docker.DockerClient) -> Way:
    path = _copy(directory, sample, "buildd")
    grown = _grown(path)
    with open(os.path.join(path, "buildd.toml"), "w") as file:
        file.write(
            f'[environments.build]\nimage = "{IMAGE}"\n[tasks.build]\nrun = "{sample.command}"\n'
        )
    daemon.remember(path)
    daemon.trust(path)

    def build(_: int) -> None:
        _run(EXECUTABLE, "-C", path, "build", env=daemon.environment)

    def disk() -> int:
        label = {"label": f"buildd.project={path}"}
        found = engine.api.containers(all=True, size=True, filters=label)
        state = _size(daemon.environment["BUILDD_STATE_DIR"])
        return grown() + state + sum(int(one.get("SizeRw", 0)) for one in found)

    return Way("buildd build", path, build, disk)


def _copied(directory: str, sample: Sample, _: Daemon, engine: docker.DockerClient) -> Way:
    path = _copy(directory, sample, "copied")
    with open(os.path.join(path, "Dockerfile"), "w") as file:
        file.write(f"FROM {IMAGE}\nCOPY . /src\nWORKDIR /src\nRUN {sample.command}\n")
    label = f"bench={directory}"

    def build(number: int) -> None:
        tag = f"buildd-bench:{os.path.basename(directory)}-{number}"
        _run("docker", "build", "-q", "-t", tag, "--label", label, path)

    def disk() -> int:
        base = int(engine.images.get(IMAGE).attrs["Size"])
        made = engine.images.list(filters={"label": label})
        return sum(int(one.attrs["Size"]) - base for one in made)

    return Way("docker build with COPY", path, build, disk)


def main() -> None:
    """Run it alone."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.article")
    parser.add_argument("--rebuilds", type=int, default=REBUILDS)
    options = parser.parse_args()
    show(REDIS, rows(REDIS, options.rebuilds), options.rebuilds)


if __name__ == "__main__":
    main()
