"""README's walk from an empty directory to the run image, done as it is written there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon

pytestmark = pytest.mark.engine

README = Path(__file__).parents[2] / "README.md"
TITLE = "From an empty directory to the run image"

STAND_INS = {"gcc:13": IMAGE, "debian:bookworm-slim": "buildd-test/debian:1"}
"""The images that its Dockerfiles begin from, and what is here without a registry."""

_BLOCK = re.compile(r"(?:^`(\S+)`[^\n]*:\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[tuple[str, str, str]]:
    """Each block's file, if it is one, its language and its text."""
    text = README.read_text("utf-8")
    (section,) = re.findall(rf"^## {TITLE}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    for file, language, content in _BLOCK.findall(section):
        for name, stand_in in STAND_INS.items():
            content = content.replace(f"FROM {name}\n", f"FROM {stand_in}\n")
        yield file, language, content


def commands(console: str) -> Iterator[tuple[str, list[str]]]:
    """Each command, with the lines that it prints among others."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield command, lines


def test_its_commands_do_what_it_says(directory: str, daemon: Daemon) -> None:
    project = Path(directory, "hello")
    daemon.remember(str(project))
    environment = {
        **daemon.environment,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }

    def shell(command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project if project.exists() else directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        return done.stdout

    done = []
    for file, language, content in blocks():
        if file:
            (project / file).write_text(content, "utf-8")
        elif language == "console":
            for command, lines in commands(content):
                printed = shell(command)
                done.append(command)
                for line in lines:
                    pattern = ".*".join(map(re.escape, line.split("…")))
                    assert re.search(f"^{pattern}$", printed, re.MULTILINE), printed
    assert done[0].startswith("mkdir hello")
    assert done[-1].startswith("buildd clean")
