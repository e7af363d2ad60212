"""What is too heavy for every round: much data, a big build, many projects, a cold start."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.support.client import Client
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))
GIGABYTE = 10**9
TRIES = 3

Figures = dict[str, float]


def throughput(path: str, daemon: Daemon, container: str) -> Figures:
    """Bytes a second of 1 GB from a command's output to a pipe that is read as fast as it goes."""
    source = ["head", "-c", str(GIGABYTE), "/dev/zero"]
    ways = {
        "1 GB through a plain pipe": source,
        "1 GB through buildd exec": [EXECUTABLE, "exec", "--", *source],
        "1 GB through docker exec": ["docker", "exec", container, *source],
    }
    best: Figures = {}
    for _ in range(TRIES):
        for name, command in ways.items():
            start = time.perf_counter()
            # The reader splices to the null device, so that it costs next to nothing.
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, cwd=path, env=daemon.environment
            ) as process:
                assert process.stdout
                count = drain(process.stdout.fileno())
            assert count == GIGABYTE, f"{name}: {count} bytes"
            speed = count / (time.perf_counter() - start)
            best[name] = max(speed, best.get(name, 0.0))
    return best


def drain(fd: int) -> int:
    count = 0
    null = os.open(os.devnull, os.O_WRONLY)
    while moved := os.splice(fd, null, 1 << 20):
        count += moved
    os.close(null)
    return count


def both_ways(path: str, daemon: Daemon) -> Figures:
    """Seconds for 100 MB in and out at once; the bytes are compared."""
    data = random.Random(1).randbytes(10**8)
    start = time.perf_counter()
    result = subprocess.run(
        [EXECUTABLE, "exec", "--", "cat"],
        input=data,
        stdout=subprocess.PIPE,
        cwd=path,
        env=daemon.environment,
        check=True,
    )
    took = time.perf_counter() - start
    assert hashlib.sha256(result.stdout).digest() == hashlib.sha256(data).digest()
    return {"100 MB in and out at once (identical)": took}


def cancel(path: str, daemon: Daemon, container: str) -> Figures:
    """Seconds from the cancel of `make -j` on redis until no process of it is left."""
    worst = 0.0
    client = daemon.connect()
    for _ in range(TRIES):
        number = client.start("buildd/run", project=path, task="build")
        wait_until(lambda: compilers(container) >= 2, 60)
        start = time.perf_counter()
        client.notify("$/cancelRequest", id=number)
        assert client.result(number)["run"]["state"] == "cancelled"
        worst = max(worst, time.perf_counter() - start)
        assert compilers(container) == 0, "the run was called ended, and they are still there"
    client.close()
    return {"cancel of make -j on redis, worst": worst}


def compilers(container: str) -> int:
    """How many compilers run in the container."""
    top = subprocess.run(
        ["docker", "top", container, "-eo", "pid,comm"], capture_output=True, text=True, check=True
    )
    return sum(one in ("cc1", "make", "gcc", "cc") for one in top.stdout.split())


def lines(path: str, daemon: Daemon) -> Figures:
    """Seconds, and the daemon's most memory, for a run that prints 10 million short lines."""
    client = daemon.connect()
    before = client.request("buildd/status")["memory"]
    most = before
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        other = daemon.connect()
        while not done.wait(0.2):
            most = max(most, other.request("buildd/status")["memory"])
        other.close()

    watching = threading.Thread(target=watch)
    watching.start()
    start = time.perf_counter()
    number = client.start("buildd/run", project=path, task="lines")
    count = 0
    while True:
        message = client.receive()
        assert message
        if message.get("method") == "buildd/output":
            count += len(message["params"]["data"]) * 3 // 4
        if message.get("id") == number:
            break
    took = time.perf_counter() - start
    done.set()
    watching.join()
    assert message["result"]["run"]["outputBytes"] == 78_888_897, "every byte is stored"
    client.close()
    return {
        "10 million short lines": took,
        "memory that they took more, MB": (most - before) / 1e6,
    }


def cold(path: str, daemon: Daemon) -> Figures:
    """Seconds to the first answer of a daemon that does not run yet; the container is warm."""
    worst = 0.0
    for _ in range(TRIES):
        subprocess.run([EXECUTABLE, "daemon", "stop"], env=daemon.environment, check=True)
        start = time.perf_counter()
        subprocess.run(
            [EXECUTABLE, "exec", "--", "true"], cwd=path, env=daemon.environment, check=True
        )
        worst = max(worst, time.perf_counter() - start)
    return {"first answer of a cold daemon, worst": worst}


def many(directory: str, projects: int = 50) -> Figures:
    """Memory of an idle daemon, and the overhead of saves at random in many projects."""
    os.mkdir(directory)
    daemon = Daemon(os.path.join(directory, "r"), os.path.join(directory, "s"))
    figures: Figures = {}
    try:
        made = [project(os.path.join(directory, f"p{n}"), daemon) for n in range(projects)]
        alone = Saver(daemon, made[0])
        alone.save()
        figures["daemon idle, one project, MB"] = memory(daemon)
        one = [alone.save() for _ in range(60)]
        savers = [alone, *(Saver(daemon, each) for each in made[1:])]
        for saver in savers:
            saver.save()
        idle = memory(daemon)
        figures[f"each further project, of {projects}, MB"] = (
            idle - figures["daemon idle, one project, MB"]
        ) / (projects - 1)
        chosen = random.Random(1)
        all_of_them = [chosen.choice(savers).save() for _ in range(300)]
        figures["a save, one project, p95"] = p95(one)
        figures[f"a save, {projects} projects and sessions, p95"] = p95(all_of_them)
        for saver in savers:
            saver.client.close()
    finally:
        daemon.close()
        shutil.rmtree(directory, ignore_errors=True)
    return figures


def project(path: str, daemon: Daemon) -> ProjectFiles:
    """One whose build says at once whether the file is wrong."""
    files = {
        "buildd.toml": '[tasks.build]\nrun = "cat log"\non-save = ["*.c"]\n',
        "a.c": "",
        "log": "",
    }
    made = ProjectFiles(path, files, engine="host", image="")
    daemon.trust(path)
    return made


class Saver:
    """An editor in one project, that breaks and mends a file in turn."""

    def __init__(self, daemon: Daemon, project: ProjectFiles) -> None:
        self.client: Client = daemon.connect()
        self.client.request("initialize", rootUri=f"file://{project.path}", capabilities={})
        self.client.notify("initialized")
        self._project = project
        self._broken = False

    def save(self) -> float:
        """Seconds from a save to what it changes on the screen."""
        self._broken = not self._broken
        file = self._project.file("a.c")
        self._project.write("log", "a.c:1:1: error: broken\n" if self._broken else "")
        wanted = self._broken
        start = time.perf_counter()
        self.client.notify("textDocument/didSave", textDocument={"uri": f"file://{file}"})
        self.client.wait_for(
            lambda one: (
                one.get("method") == "textDocument/publishDiagnostics"
                and bool(one["params"]["diagnostics"]) == wanted
            )
        )
        took = time.perf_counter() - start
        while self.client.request("buildd/status", project=self._project.path)["runs"]:
            pass
        return took


def memory(daemon: Daemon) -> float:
    client = daemon.connect()
    bytes_: float = client.request("buildd/status")["memory"]
    client.close()
    return bytes_ / 1e6


def p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]
