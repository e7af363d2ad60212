"""`buildd daemon install`: systemd's units for the daemon."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.daemon import Daemon, listens

Command = Callable[..., "subprocess.CompletedProcess[str]"]

SYSTEMCTL = """#!/bin/sh
echo "$@" >>"$SYSTEMCTL_LOG"
[ -z "$SYSTEMCTL_FAILS" ] || { echo "Failed to connect to bus" >&2; exit 1; }
"""


@pytest.fixture
def log(daemon: Daemon, directory: str) -> Path:
    """What a systemctl that does nothing is told."""
    program = Path(directory, "bin", "systemctl")
    program.parent.mkdir()
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    told = Path(directory, "told")
    daemon.environment |= {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "SYSTEMCTL_LOG": str(told),
        "SYSTEMCTL_FAILS": "",
        "XDG_CONFIG_HOME": f"{directory}/config 100%",
    }
    return told


@pytest.fixture
def units(log: Path, daemon: Daemon) -> Path:
    """Where the units are."""
    return Path(daemon.environment["XDG_CONFIG_HOME"], "systemd", "user")


def test_it_comes_and_goes(
    command: Command, daemon: Daemon, directory: str, log: Path, units: Path
) -> None:
    daemon.connect().close()
    shown = command("daemon", "install")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"are in {units}\n" in shown.stdout
    assert not listens(daemon.socket_path), "the one that ran would take the socket's place"
    assert log.read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable buildd.socket",
        "--user restart buildd.socket",
    ]
    assert f"ListenStream={daemon.socket_path}\n" in (units / "buildd.socket").read_text()
    service = (units / "buildd.service").read_text()
    assert f'ExecStart="{sys.executable}" "-P" "-m" "buildd"\n' in service
    assert f'Environment="BUILDD_RUNTIME_DIR={directory}/r"\n' in service
    removed = command("daemon", "uninstall", "--json")
    assert json.loads(removed.stdout) == {"removed": True}
    assert list(units.iterdir()) == []
    assert log.read_text().splitlines()[3:] == [
        "--user disable --now buildd.socket buildd.service",
        "--user daemon-reload",
    ]
    assert command("daemon", "uninstall").stdout == "was not installed\n"


def test_without_a_systemd_it_says_what_to_do_later(
    command: Command, daemon: Daemon, log: Path, units: Path
) -> None:
    daemon.environment["SYSTEMCTL_FAILS"] = "yes"
    shown = command("daemon", "install")
    assert shown.returncode == 0
    assert "(`systemctl --user daemon-reload`: Failed to connect to bus)" in shown.stdout
    assert shown.stdout.endswith("later: systemctl --user enable --now buildd.socket\n")
    assert sorted(one.name for one in units.iterdir()) == ["buildd.service", "buildd.socket"]


def test_runs_that_are_under_way_are_not_ended(
    command: Command, daemon: Daemon, units: Path, make_project: Callable[..., object]
) -> None:
    project = make_project({"buildd.toml": ""})
    client = daemon.connect()
    path = getattr(project, "path", "")
    wanted = {"project": path, "directory": path, "command": ["sleep", "600"], "stdin": False}
    client.start("buildd/exec", **wanted)
    client.wait_for(lambda message: message.get("method") == "buildd/ready")
    refused = command("daemon", "install")
    assert refused.returncode == 125
    assert "--force" in refused.stderr
    assert not units.exists()


def test_in_the_runtime_directory_of_the_user(
    command: Command, daemon: Daemon, directory: str, units: Path
) -> None:
    del daemon.environment["BUILDD_RUNTIME_DIR"]
    daemon.environment["XDG_RUNTIME_DIR"] = f"{directory}/"
    assert command("daemon", "install").returncode == 0
    assert "ListenStream=%t/buildd/daemon.sock\n" in (units / "buildd.socket").read_text()
    assert "BUILDD_RUNTIME_DIR" not in (units / "buildd.service").read_text()


@pytest.mark.parametrize("value", ["plain", '100% "quoted" \\ and $HOME'])
def test_systemd_understands_them(
    command: Command, daemon: Daemon, units: Path, value: str
) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd is not installed")
    daemon.environment["BUILDD_STATE_DIR"] += f"/{value}"
    assert command("daemon", "install").returncode == 0
    done = subprocess.run(
        [analyze, "verify", "--user", "--man=no", *map(str, units.iterdir())],
        env={**daemon.environment, "XDG_RUNTIME_DIR": os.path.dirname(daemon.socket_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
