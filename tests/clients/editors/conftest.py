"""A real project, and editors on it as a person has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon, wait_until
from tests.support.screen import Screen

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
CONFIGURATIONS = os.path.join(ROOT, "clients", "editors")
PROGRAMS = os.path.join(ROOT, ".cache", "editors", "bin")

BUILD = "make libz.a CFLAGS='-O0 -fdiagnostics-parseable-fixits'"

Start = Callable[..., Screen]
Settled = Callable[[], None]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """zlib, built once, so that each test has to compile only what it breaks."""
    path = str(tmp_path_factory.mktemp("built") / "zlib")
    shutil.copytree(os.path.join(ROOT, ".cache", "sources", "zlib"), path, symlinks=True)
    subprocess.run(f"./configure && {BUILD}", shell=True, cwd=path, check=True, capture_output=True)
    return path


@pytest.fixture
def project(built: str, directory: str, daemon: Daemon, engines: list[str]) -> str:
    """Copies zlib, with a configuration that nobody has trusted."""
    path = os.path.join(directory, "zlib")
    shutil.copytree(built, path, symlinks=True)
    where = 'engine = "host"' if engines[-1] == "host" else f'image = "{IMAGE}"'
    with open(os.path.join(path, "buildd.toml"), "w", encoding="utf-8") as file:
        file.write(
            f"[environments.build]\n{where}\n"
            f'[tasks.build]\nrun = "{BUILD}"\non-save = ["*.c", "*.h"]\n'
        )
    daemon.remember(path)
    return path


@pytest.fixture
def settled(project: str, daemon: Daemon) -> Callable[[], None]:
    """Wait until no task runs: what a run shows before its end may lack its fixes."""

    def wait() -> None:
        client = daemon.connect()

        def idle() -> bool:
            (status,) = client.request("buildd/status", project=project)["projects"]
            return not any("current" in task for task in status["tasks"])

        wait_until(idle)
        client.close()

    return wait


@pytest.fixture
def start(directory: str, daemon: Daemon) -> Iterator[Start]:
    """Start an editor in a terminal of its own; closed at the end."""
    screens: list[Screen] = []

    def begin(name: str, *arguments: str, cwd: str) -> Screen:
        program = os.path.join(PROGRAMS, name)
        if not os.path.exists(program):
            pytest.skip(f"set-up found no {name}")
        home = os.path.join(directory, "home", name)
        os.makedirs(home, exist_ok=True)
        environment = {
            **daemon.environment,
            "HOME": home,
            "XDG_CONFIG_HOME": os.path.join(home, "config"),
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
        }
        screen = Screen(program, *arguments, cwd=cwd, env=environment, rows=40, columns=160)
        screens.append(screen)
        return screen

    yield begin
    for screen in screens:
        screen.child.close(force=True)
