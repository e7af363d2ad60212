"""What shells complete, and the one command that has them do it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.daemon import Daemon

Command = Callable[..., "subprocess.CompletedProcess[str]"]

PATH = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"

WHERE = {
    "bash": "data/bash-completion/completions/buildd",
    "fish": "config/fish/completions/buildd.fish",
    "zsh": "data/zsh/site-functions/_buildd",
}


@pytest.fixture
def home(daemon: Daemon, directory: str) -> Path:
    daemon.environment |= {
        "XDG_DATA_HOME": f"{directory}/data",
        "XDG_CONFIG_HOME": f"{directory}/config",
        "SHELL": "/usr/bin/fish",
    }
    return Path(directory)


@pytest.mark.parametrize("shell", WHERE)
def test_it_knows_every_command_and_their_words(command: Command, shell: str) -> None:
    script = command("completion", shell).stdout
    for name in ("build", "exec", "diagnostics", "daemon", "uninstall", "fish zsh"):
        assert name in script


@pytest.mark.parametrize("shell", WHERE)
def test_one_command_installs_it(command: Command, home: Path, shell: str) -> None:
    shown = command("completion", shell, "--install")
    path = home / WHERE[shell]
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines()[0] == str(path)
    assert ("fpath=(" in shown.stdout) is (shell == "zsh")
    assert path.read_text() == command("completion", shell).stdout
    if program := shutil.which(shell):
        checked = subprocess.run([program, "-n", path], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_the_shell_is_that_of_the_user(command: Command, daemon: Daemon, home: Path) -> None:
    assert command("completion", "--install").stdout == f"{home / WHERE['fish']}\n"
    daemon.environment["SHELL"] = "/bin/csh"
    refused = command("completion")
    assert refused.returncode == 125
    assert refused.stderr == "buildd: no completion for the shell `csh`. Name bash, fish or zsh.\n"
    del daemon.environment["SHELL"]
    assert "$SHELL names no shell" in command("completion").stderr


def test_where_it_cannot_be_written_it_says_so(command: Command, home: Path) -> None:
    (home / "config").touch()
    refused = command("completion", "fish", "--install")
    assert refused.returncode == 125
    assert str(home / WHERE["fish"]) in refused.stderr


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("buildd dae", "daemon"),
        ("buildd -C /tmp daemon un", "uninstall"),
        ("buildd run bu", "build-all"),
        ("buildd daemon --js", "--json"),
    ],
)
def test_bash_completes(
    command: Command, home: Path, daemon: Daemon, line: str, found: str
) -> None:
    (home / "buildd.toml").write_text('[tasks.build-all]\nrun = "true"\n')
    script = f"""
        {command("completion", "bash").stdout}
        COMP_WORDS=({line})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _buildd
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=home,
        env={**daemon.environment, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{found}\n", "")
