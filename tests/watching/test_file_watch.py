"""Watching a tree: nothing that changes is missed, whatever the system tells or forgets to tell."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.watching.change_collector import ChangedFile
from buildd.watching.file_watch import TreeWatch, file_system
from tests.support.daemon import Daemon, listens, wait_until
from tests.support.namespace import limited
from tests.support.project import ProjectFiles

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

Act = Callable[[Path, Path], object]


def write(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_text(text, "utf-8")


CASES: dict[str, tuple[Act, set[str]]] = {
    "a file is written": (lambda root, out: write(root / "a.c", "new"), {"a.c"}),
    "a file is new": (lambda root, out: write(root / "n.c", ""), {"n.c"}),
    "an atomic save": (
        lambda root, out: os.replace(shutil.copy(root / "d/b.c", root / ".t"), root / "a.c"),
        {"a.c"},
    ),
    "a directory is new, with files": (
        lambda root, out: shutil.copytree(out / "d", root / "n"),
        {"n/x.c", "n/e/y.c"},
    ),
    "one is moved in": (
        lambda root, out: (out / "d").rename(root / "n"),
        {"n/x.c", "n/e/y.c"},
    ),
    "one is moved out": (lambda root, out: (root / "d").rename(out / "f"), {"d/b.c", "d/e/c.c"}),
    "one is moved within": (
        lambda root, out: (root / "d").rename(root / "f"),
        {"d/b.c", "d/e/c.c", "f/b.c", "f/e/c.c"},
    ),
    "one is removed": (lambda root, out: shutil.rmtree(root / "d"), {"d/b.c", "d/e/c.c"}),
    "a file is truncated": (lambda root, out: os.truncate(root / "a.c", 0), {"a.c"}),
    "a file is touched": (lambda root, out: os.utime(root / "a.c"), {"a.c"}),
    "a hard link comes": (lambda root, out: os.link(root / "a.c", root / "n.c"), {"n.c"}),
    "a link comes": (lambda root, out: (root / "n.c").symlink_to("a.c"), {"n.c"}),
    "what git ignores": (lambda root, out: write(root / "a.o", "new"), set()),
    "git's own": (lambda root, out: write(root / ".git" / "index", "new"), set()),
    "an ignored directory": (lambda root, out: write(root / "build" / "deep" / "x", ""), set()),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("a.c", "d/b.c", "d/e/c.c", ".git/index"):
        write(root / name, "old")
    write(root / ".gitignore", "*.o\nbuild/\n")
    return root


@pytest.fixture
def out(tmp_path: Path) -> Path:
    out = tmp_path / "out"
    for name in ("d/x.c", "d/e/y.c"):
        write(out / name, "old")
    return out


async def told(act: Act, root: Path, out: Path, wanted: set[str]) -> set[str]:
    """What is told of until `wanted` and a mark after it have been."""
    seen: list[ChangedFile] = []

    def files() -> set[str]:
        return {os.path.relpath(one.file, root) for one in seen}

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)

    watch = TreeWatch(str(root), seen.extend, pytest.fail)
    await asyncio.to_thread(watch.start)
    try:
        act(root, out)
        await until(lambda: wanted <= files())
        # Of the kind that is looked at last.
        os.link(root / "a.c", root / "mark")
        await until(lambda: "mark" in files())
    finally:
        await asyncio.to_thread(watch.close)
    return files() - {"mark", ".t"}


@pytest.mark.parametrize("name", CASES)
async def test_exactly_what_has_changed_is_told(name: str, root: Path, out: Path) -> None:
    act, wanted = CASES[name]
    assert await told(act, root, out, wanted) == wanted


async def test_what_was_moved_out_is_not_followed(root: Path, out: Path) -> None:
    def act(root: Path, out: Path) -> None:
        (root / "d").rename(out / "f")
        write(out / "f" / "b.c", "new")

    assert await told(act, root, out, {"d/b.c"}) == {"d/b.c", "d/e/c.c"}


def runs(daemon: Daemon, project: ProjectFiles) -> list[str]:
    client = daemon.connect()
    found = client.request("buildd/history", project=project.path)["runs"]
    client.close()
    return [one["run"]["id"] for one in found]


def test_an_overflow_is_one_look_at_everything(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    files = {"buildd.toml": '[tasks.build]\nrun = "cat a.c"\non-save = ["*.c"]\n', "a.c": "old"}
    project = make_project(files)
    watching = daemon.connect()
    watching.start("buildd/watch", project=project.path)
    watching.wait_for(lambda one: one.get("method") == "buildd/runEnded")
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    assert daemon.process
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        # More than the system remembers, of what nothing is started by; then what matters.
        noise = Path(project.file("noise"))
        noise.write_text("", "utf-8")
        for number in range(limit + 10):
            os.utime(noise, (number, number))
            os.rename(noise, project.file(f"noise{number % 2}"))
            noise = Path(project.file(f"noise{number % 2}"))
        project.write("a.c", "new")
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    watching.wait_for(lambda one: one.get("method") == "buildd/runEnded")
    assert len(runs(daemon, project)) == 2


def test_where_watches_run_out_it_is_said_and_looked_at_again_and_again(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    few_watches = limited("max_inotify_watches", 2)
    files = {
        "buildd.toml": '[tasks.build]\nrun = "cat a/a.c"\non-save = ["*.c"]\n',
        **{f"{name}/a.c": "old" for name in "abcd"},
    }
    project = make_project(files, trust=False)
    daemon.process = subprocess.Popen(
        [*few_watches, sys.executable, "-P", "-m", "buildd"], env=daemon.environment, cwd="/"
    )
    wait_until(lambda: listens(daemon.socket_path))
    daemon.trust(project.path)
    watching = daemon.connect()
    watching.start("buildd/watch", project=project.path)
    watching.wait_for(lambda one: one.get("method") == "buildd/runEnded")
    said = [json.dumps(one) for one in watching.seen if one.get("method") == "buildd/progress"]
    assert any("max_user_watches" in one for one in said)
    project.write("a/a.c", "new")
    watching.wait_for(lambda one: one.get("method") == "buildd/runEnded")


def test_the_file_system_of_a_path() -> None:
    assert file_system("/proc/self") == "proc"
    assert file_system("/") not in ("", "proc")
