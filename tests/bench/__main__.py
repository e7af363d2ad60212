"""`make bench`: what runs cost through buildd, beside the same through docker and natively.

Each round runs every candidate once, in turn, so that a machine that slows down slows all alike.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from tests.bench import article, definition, heavy, neovim, parse
from tests.conftest import IMAGE
from tests.support.client import Client
from tests.support.daemon import Daemon, remove_containers

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))
CACHE = os.path.join(os.path.dirname(__file__), "..", "..", ".cache")
SOURCES = os.path.join(CACHE, "sources")
COMPILE = ["gcc", "-O3", "-D_LARGEFILE64_SOURCE=1", "-c", "-o", "inflate.o", "inflate.c"]

TIMED = f"date +%s.%N >began; {shlex.join(COMPILE)}; s=$?; date +%s.%N >ended; exit $s"
"""The same, and between which times: how long one compile takes varies more than what is added."""

ASKING = ("buildd --version", "buildd status")
"""The client's start-up alone, and with a question: also measured while a build runs."""

BEYOND = (
    (
        "save to diagnostics",
        "save to diagnostics, one file of zlib",
        "native: compile that file",
    ),
    (
        "Neovim: write to diagnostic on the screen",
        "Neovim: write to diagnostic on the screen",
        "native: compile that file, in turn with it",
    ),
)
"""What is told as the difference of two rows."""

Candidate = Callable[[], None]


def main() -> None:
    """Run everything, print a table, write JSON if asked to."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--no-heavy", dest="heavy", action="store_false", help="rounds only")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, in seconds")
    options = parser.parse_args()
    with project() as (path, daemon):
        beyond: list[float] = []
        candidates = dict(make_candidates(path, daemon, beyond))
        times = measure(candidates, options.rounds)
        times["save to diagnostics, without that compile"] = beyond[1:]
        with a_build_going_on(path, daemon):
            busy = {f"{name}, while a build runs": candidates[name] for name in ASKING}
            times |= measure(busy, options.rounds)
        editor = open_editor(path, daemon)
        times["from a finding's line to its being published"] = [
            parse.stream(path, daemon, editor) for _ in range(options.rounds)
        ]
        saves, natives = neovim.saves(path, daemon, texts(path), COMPILE, options.rounds)
        times["Neovim: write to diagnostic on the screen"] = saves
        times["native: compile that file, in turn with it"] = natives
        times["Neovim: start with the plugin, no project"] = neovim.starts(options.rounds)
        figures = heavy_figures(path, daemon) if options.heavy else {}
    rows = {
        name: {"median": statistics.median(row), "p95": sorted(row)[int(0.95 * (len(row) - 1))]}
        for name, row in times.items()
    }
    print(f"{'':44} {'median':>10} {'p95':>10}   ({options.rounds} rounds)")
    for name, row in rows.items():
        print(f"{name:44} {1000 * row['median']:7.1f} ms {1000 * row['p95']:7.1f} ms")
    extras = {
        name: sorted(map(operator.sub, times[save], times[native])) for name, save, native in BEYOND
    }
    for name, extra in extras.items():
        print(
            f"{name} beyond the native compile: "
            f"median {1000 * extra[len(extra) // 2]:.1f} ms, "
            f"p95 {1000 * extra[int(0.95 * (len(extra) - 1))]:.1f} ms"
        )
    for name, figure in figures.items():
        print(f"{name:44} {shown(name, figure)}")
    if options.heavy:
        parse.main()
        compared = article.rows(article.REDIS, article.REBUILDS)
        article.show(article.REDIS, compared, article.REBUILDS)
        figures |= {f"{row.name}: one file of redis": row.rebuild for row in compared}
    if options.json:
        everything = {"latency": rows, "beyond the native compile": extras, "heavy": figures}
        Path(options.json).write_text(json.dumps(everything, indent=2) + "\n")


def shown(name: str, figure: float) -> str:
    if "1 GB" in name:
        return f"{figure / 1e6:7.0f} MB/s"
    if name.endswith("MB"):
        return f"{figure:7.2f} MB"
    return f"{1000 * figure:7.1f} ms"


def heavy_figures(path: str, daemon: Daemon) -> dict[str, float]:
    container = container_of(path)
    figures = heavy.throughput(path, daemon, container)
    figures |= heavy.both_ways(path, daemon)
    figures |= heavy.lines(path, daemon)
    redis = os.path.join(os.path.dirname(path), "redis")
    shutil.copytree(os.path.join(SOURCES, "redis"), redis, symlinks=True)
    Path(redis, "buildd.toml").write_text(
        f'[environments.build]\nimage = "{IMAGE}"\n[tasks.build]\nrun = "make -j8 MALLOC=libc"\n'
    )
    daemon.remember(redis)
    daemon.trust(redis)
    try:
        subprocess.run([EXECUTABLE, "-C", redis, "up"], env=daemon.environment, check=True)
        figures |= heavy.cancel(redis, daemon, container_of(redis))
    finally:
        remove_containers(redis)
    figures |= heavy.cold(path, daemon)
    figures |= definition.figures(os.path.dirname(path), daemon, 30)
    return figures | heavy.many(os.path.join(os.path.dirname(path), "many"))


def container_of(path: str) -> str:
    engine = docker.from_env()
    try:
        (one,) = engine.containers.list(
            filters={"label": f"buildd.project={path}"}, ignore_removed=True
        )
        return str(one.id)
    finally:
        engine.close()


def measure(candidates: dict[str, Candidate], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(-1, rounds):
        for name, candidate in candidates.items():
            start = time.perf_counter()
            candidate()
            if number >= 0:  # the first round warms everything up
                times[name].append(time.perf_counter() - start)
    return times


@contextmanager
def a_build_going_on(path: str, daemon: Daemon) -> Iterator[None]:
    client = daemon.connect()
    number = client.start("buildd/run", project=path, task="endless")
    client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    try:
        yield
    finally:
        client.request("buildd/cancel", project=path, task="endless")
        client.result(number)


@contextmanager
def project() -> Iterator[tuple[str, Daemon]]:
    """A copy of zlib with a warm container and a daemon of its own."""
    directory = tempfile.mkdtemp(prefix="bb-", dir="/tmp")
    daemon = Daemon(os.path.join(directory, "r"), os.path.join(directory, "s"))
    path = os.path.join(directory, "zlib")
    shutil.copytree(os.path.join(SOURCES, "zlib"), path, symlinks=True)
    Path(path, "buildd.toml").write_text(
        f'[environments.build]\nimage = "{IMAGE}"\n'
        '[tasks.nothing]\nrun = ["true"]\n'
        '[tasks.stream]\nrun = "date +%s.%N >stamp; echo zlib.h:1:1: error: streamed; sleep 60"\n'
        '[tasks.lines]\nrun = "seq 10000000"\n'
        f'[tasks.endless]\nrun = "while :; do {shlex.join(COMPILE)}; yes | head -2000; done"\n'
        f"[tasks.compile]\nrun = '{TIMED}'\non-save = true\n"
    )
    daemon.remember(path)
    try:
        daemon.trust(path)
        subprocess.run([EXECUTABLE, "-C", path, "up"], env=daemon.environment, check=True)
        yield path, daemon
    finally:
        daemon.close()
        remove_containers(path)
        shutil.rmtree(directory, ignore_errors=True)


def make_candidates(
    path: str, daemon: Daemon, beyond: list[float]
) -> Iterator[tuple[str, Candidate]]:
    """`beyond` gets, for each save, the seconds that were not the compile's own."""
    client = daemon.connect()
    engine = docker.from_env()
    (container,) = engine.containers.list(
        filters={"label": f"buildd.project={path}"}, ignore_removed=True
    )
    editor = open_editor(path, daemon)
    source = Path(path, "inflate.c")
    text, broken = texts(path)

    def run(*command: str, **options: object) -> None:
        subprocess.run(command, capture_output=True, check=False, **options)  # type: ignore[call-overload]  # passed on

    def compile_natively() -> None:
        """Broken and mended in turn, so that each time something is to be published."""
        source.write_text(text if source.read_text() == broken else broken)
        run(*COMPILE, cwd=path)

    def save() -> None:
        """The text that was just compiled natively."""
        mended = source.read_text() == text
        begin = time.time()
        editor.notify("textDocument/didSave", textDocument={"uri": f"file://{source}"})
        editor.wait_for(
            lambda one: (
                one.get("method") == "textDocument/publishDiagnostics"
                and bool(one["params"]["diagnostics"]) != mended
            )
        )
        arrived = time.time()
        # It may be published before the run has ended, which the next save must not find going on.
        while client.request("buildd/status")["runs"]:
            pass
        began, ended = (float(Path(path, name).read_text()) for name in ("began", "ended"))
        beyond.append(arrived - begin - (ended - began))

    yield "native: true", lambda: run("true")
    yield "native: python -c pass", lambda: run(sys.executable, "-c", "pass")
    yield "native: sh -c true", lambda: run("sh", "-c", "true")
    yield (
        "a task through the daemon: true",
        lambda: client.request("buildd/run", project=path, task="nothing"),
    )
    yield (
        "buildd exec -- true",
        lambda: run(EXECUTABLE, "exec", "--", "true", cwd=path, env=daemon.environment),
    )
    yield "buildd --version", lambda: run(EXECUTABLE, "--version")
    yield (
        "buildd status",
        lambda: run(EXECUTABLE, "status", cwd=path, env=daemon.environment),
    )
    if shutil.which("docker"):
        name = str(container.id)
        yield "docker exec CONTAINER true", lambda: run("docker", "exec", name, "true")
        yield "docker run --rm IMAGE true", lambda: run("docker", "run", "--rm", IMAGE, "true")
        devcontainer = os.path.join(CACHE, "devcontainer/node_modules/.bin/devcontainer")
        if os.path.exists(devcontainer):
            options = ("--container-id", name, "--workspace-folder", path)
            yield (
                "devcontainer exec true",
                lambda: run(devcontainer, "exec", *options, "true", cwd=path),
            )
    yield "native: compile that file", compile_natively
    yield "save to diagnostics, one file of zlib", save
    engine.close()


def texts(path: str) -> tuple[str, str]:
    """Returns the inflate.c of zlib, mended and broken."""
    text = Path(path, "inflate.c").read_text().replace("wrong->mode = HEAD;", "state->mode = HEAD;")
    return text, text.replace("state->mode = HEAD;", "wrong->mode = HEAD;", 1)


def open_editor(path: str, daemon: Daemon) -> Client:
    client = daemon.connect()
    client.request("initialize", rootUri=f"file://{path}", capabilities={})
    client.notify("initialized")
    return client


if __name__ == "__main__":
    main()
