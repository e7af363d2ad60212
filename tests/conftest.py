"""What the tests share: a daemon of their own, projects in temporary directories, an engine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from _pytest.terminal import TerminalReporter

from tests.provision.suite import FAILED_LIST
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles
from tests.support.ways import WAYS

# `make test-vscode` has set up what these need.
collect_ignore = [] if os.environ.get("BUILDD_TEST_VSCODE") else ["vscode"]

# How long something takes says how busy the machine is.
hypothesis.settings.register_profile(
    "buildd", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("buildd")

IMAGE = "buildd-test/c:1"
"""A Debian with a C toolchain; `make test` makes it."""

OLDER_IMAGE = "buildd-test/gcc-11:1"
"""The same with an older gcc."""


def pytest_configure() -> None:
    """What the tests start can be interrupted, and hears that its terminal has gone, also where
    the tests themselves run in the background of a shell or under `nohup`, whose like ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need an engine are left out where set-up found that there can be none."""
    if os.environ.get("BUILDD_TEST_ENGINE", "docker") == "host":
        reason = "set-up found no container engine on this machine"
        for item in items:
            if item.get_closest_marker("engine"):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Tell tests/provision/suite.py which tests have failed."""
    if path := os.environ.get(FAILED_LIST):
        reports = [one for kind in ("failed", "error") for one in terminalreporter.getreports(kind)]
        names = dict.fromkeys(report.nodeid for report in reports)
        Path(path).write_text("".join(f"{name}\n" for name in names), "utf-8")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `ways` runs with each kind of daemon, or with those that the mark names; what
    stands nearest to the test counts."""
    mark = metafunc.definition.get_closest_marker("ways")
    if mark and "daemon" in metafunc.fixturenames:
        metafunc.parametrize("daemon", mark.args or tuple(WAYS), indirect=True)


@pytest.fixture
def engines() -> list[str]:
    """The engines that tests of both can use here."""
    return ["host"] if os.environ.get("BUILDD_TEST_ENGINE") == "host" else ["host", "docker"]


@pytest.fixture(params=["host", pytest.param("docker", marks=pytest.mark.engine)])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
def directory() -> Iterator[str]:
    """A directory that a container may mount; its path is short enough for a socket's."""
    path = os.path.realpath(f"/tmp/bt-{uuid.uuid4().hex[:8]}")
    os.mkdir(path, 0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def daemon(directory: str, request: pytest.FixtureRequest) -> Iterator[Daemon]:
    """A daemon with a runtime and a state directory of its own, started when first asked for; of
    the kind that `pytest.mark.ways` says, else a process reached over its socket.

    At the end it is stopped, and its containers are removed. The log of one that a mark chose must
    tell of no failure.
    """
    kind = WAYS[getattr(request, "param", "socket")]
    made = kind(os.path.join(directory, "r"), os.path.join(directory, "s"))
    yield made
    made.close()
    if hasattr(request, "param"):
        assert made.failures() == []


@pytest.fixture
def make_project(directory: str, daemon: Daemon) -> Callable[..., ProjectFiles]:
    """Make a project of files in a directory of its own; `engine` chooses where it is built."""

    def make(files: dict[str, str], *, engine: str = "host", trust: bool = True) -> ProjectFiles:
        path = os.path.join(directory, f"p{uuid.uuid4().hex[:6]}")
        project = ProjectFiles(path, files, engine=engine, image=IMAGE)
        daemon.remember(path)
        if trust:
            daemon.trust(path)
        return project

    return make


@pytest.fixture
def command(daemon: Daemon) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the terminal command against the test's daemon."""
    executable = str(Path(sys.executable).with_name("buildd"))

    def run(*arguments: str, cwd: str = "/") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [executable, *arguments],
            cwd=cwd,
            env={**daemon.environment, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )

    return run
