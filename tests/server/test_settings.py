"""The daemon's settings: from the user's config.toml, and told where they are not in effect."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.daemon import TIMEOUT, Daemon

Command = Callable[..., "subprocess.CompletedProcess[str]"]

WHAT_HELPS = "the running daemon uses 4. Run `buildd daemon restart`."
NOT_IN_EFFECT = f"BUILDD_MAX_WARM=3 is not in effect: {WHAT_HELPS}"


@pytest.fixture
def file(daemon: Daemon) -> Path:
    """The user's config.toml."""
    directory = Path(daemon.environment["BUILDD_CONFIG_DIR"])
    directory.mkdir(parents=True)
    made = directory / "config.toml"
    made.write_text("[daemon]\nmax-warm = 4\n", "utf-8")
    return made


def test_it_leaves_after_the_time_that_the_file_says(daemon: Daemon, file: Path) -> None:
    file.write_text('[daemon]\nidle-timeout = "200ms"\n', "utf-8")
    client = daemon.connect()
    client.request("buildd/status")
    client.close()
    assert daemon.process
    assert daemon.process.wait(TIMEOUT) == 0


def test_a_client_is_told_of_its_variable_that_is_not_in_effect(
    daemon: Daemon, file: Path, command: Command
) -> None:
    assert command("status").stderr == ""
    daemon.environment["BUILDD_MAX_WARM"] = "3"
    # Whatever it asks for.
    assert command("daemon", "start").stderr == f"buildd: {NOT_IN_EFFECT}\n"
    for arguments in (["status"], ["daemon", "status"]):
        shown = command(*arguments)
        assert f"note   {NOT_IN_EFFECT}\n" in shown.stdout + "\n"
        assert "uses   max-warm 4 (config.toml)\n" in shown.stdout
        assert shown.stderr == ""
    assert json.loads(command("status", "--json").stdout)["remarks"] == [NOT_IN_EFFECT]
    (check,) = checks(command)
    assert check["state"] == "warning"
    assert f"{check['detail']}. {check['remedy']}" == NOT_IN_EFFECT

    assert command("daemon", "restart").stderr == ""
    status = json.loads(command("status", "--json").stdout)
    assert "remarks" not in status
    (used,) = [one for one in status["settings"] if one["key"] == "max-warm"]
    assert used == {"key": "max-warm", "value": "3", "source": "BUILDD_MAX_WARM"}
    assert checks(command) == [
        {"name": "daemon settings", "state": "ok", "detail": "max-warm 3 (BUILDD_MAX_WARM)"}
    ]


def test_a_change_of_the_file_is_told_until_a_daemon_uses_it(
    daemon: Daemon, file: Path, command: Command
) -> None:
    client = daemon.connect()
    assert "remarks" not in client.request("buildd/status")
    file.write_text("[daemon]\nmax-warm = 6\n", "utf-8")
    assert client.request("buildd/status")["remarks"] == [
        f"max-warm = 6 in {file} is not in effect: {WHAT_HELPS}"
    ]
    (check,) = checks(command)
    assert check["state"] == "warning"
    file.write_text("[daemon]\nmax-warm = 6\nmax-run = 2\n", "utf-8")
    assert client.request("buildd/status")["remarks"] == [
        f"{file}:3: unknown key `max-run` in [daemon]. Did you mean `max-runs`?"
    ]
    file.write_text("[daemon]\nmax-warm = 4\n", "utf-8")
    assert "remarks" not in client.request("buildd/status")


def test_it_starts_with_a_file_and_a_variable_that_mean_nothing(
    daemon: Daemon, file: Path, command: Command
) -> None:
    file.write_text("[daemon]\nmax-warm = -1\n", "utf-8")
    daemon.environment |= {"BUILDD_IDLE_TIMEOUT": "long", "BUILDD_LOG": "loud"}
    started = command("daemon", "start")
    assert started.returncode == 0
    assert "BUILDD_IDLE_TIMEOUT=long is ignored: it must be a time" in started.stderr
    log = Path(daemon.log_path).read_text("utf-8")
    assert f"{file}:2: `daemon.max-warm` must be at least 0, not -1" in log
    assert "BUILDD_LOG=loud is ignored" in log


def test_an_editor_s_greeting_takes_nothing_back(daemon: Daemon, file: Path) -> None:
    client = daemon.connect()
    greeting = {"version": "0", "build": 0}
    told = client.request("buildd/hello", **greeting, variables={"BUILDD_MAX_WARM": "3"})
    assert told["remarks"] == [NOT_IN_EFFECT]
    assert "remarks" not in client.request("buildd/hello", **greeting)
    assert client.request("buildd/status")["remarks"] == [NOT_IN_EFFECT]
    assert os.path.exists(file)


def checks(command: Command) -> list[dict[str, str]]:
    """What `buildd doctor` says of the settings."""
    found = json.loads(command("doctor", "--json").stdout)["checks"]
    return [one for one in found if one["name"] == "daemon settings"]
