"""Every command that the documents show is run, in the order of its page, and does what is shown.

A block that the line before it names as a file is written to that file; a diff is applied. Each
section begins in the directory of the page's scene.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pytest

from tests.docs import pages
from tests.docs.pages import ROOT, Command
from tests.docs.scenes import NOT_RUN, SCENES, STAND_INS, TYPED, UNTIL, Scene
from tests.support.daemon import TIMEOUT, Daemon

pytestmark = pytest.mark.engine

COPIED = ("daemon", "clients/terminal", "clients/editors", "tests", "pyproject.toml")
"""What a copy of the repository needs."""


def has_commands(page: str) -> bool:
    return any(any(pages.commands(block)) for block in pages.blocks(page))


WITH_COMMANDS = [page for page in pages.PAGES if has_commands(page)]


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_the_commands_of_a_page(page: str, directory: str, daemon: Daemon) -> None:
    scene = SCENES.get(page, Scene())
    reader = Reader(directory, daemon, scene)
    for block in pages.blocks(page):
        reader.turn_to(block.section)
        if block.file and block.language != "diff":
            reader.write(block.file, block.text)
        elif block.language == "diff":
            reader.apply(block.text)
        for command in pages.commands(block):
            reader.do(command)


def test_each_exception_is_of_a_command_that_is_there() -> None:
    shown = {
        command.text
        for page in pages.PAGES
        for block in pages.blocks(page)
        for command in pages.commands(block)
    }
    assert shown >= NOT_RUN.keys() | TYPED.keys() | UNTIL.keys()
    assert set(WITH_COMMANDS) >= SCENES.keys()


class Reader:
    """Somebody who follows a page from its beginning to its end."""

    def __init__(self, directory: str, daemon: Daemon, scene: Scene) -> None:
        self._start = os.path.join(directory, "start")
        self._where = os.path.join(directory, "where")
        self._daemon = daemon
        self._scene = scene
        self._section = -1
        os.makedirs(os.path.join(directory, "home"))
        if scene.repository:
            for name in COPIED:
                _copy(ROOT / name, Path(self._start, name))
        os.makedirs(self._start, exist_ok=True)
        self._directory = self._start
        self.environment = {
            **daemon.environment,
            "HOME": os.path.join(directory, "home"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{self._start}/daemon:{self._start}/clients/terminal",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }
        for name, content in scene.files.items():
            self.write(name, content)
        for command in scene.first:
            self._run(command)

    def turn_to(self, section: int) -> None:
        """Read on; a section begins where the page does."""
        if section != self._section:
            self._section, self._directory = section, self._start

    def write(self, name: str, content: str) -> None:
        """Write a file as the page has it."""
        path = Path(self._directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_with_stand_ins(content), "utf-8")

    def apply(self, diff: str) -> None:
        """Change a file as a diff with one file says: each hunk stands there once."""
        name = re.findall(r"(?m)^\+\+\+ b/(\S+)$", diff)
        path = Path(self._start, *name)
        text = path.read_text("utf-8")
        for hunk in re.split(r"(?m)^@@\n", diff)[1:]:
            lines = hunk.splitlines()
            before = "\n".join(line[1:] for line in lines if line[:1] != "+")
            after = "\n".join(line[1:] for line in lines if line[:1] != "-")
            assert text.count(before) == 1, f"{path} has not once:\n{before}"
            text = text.replace(before, after)
        path.write_text(text, "utf-8")

    def do(self, command: Command) -> None:
        """Run a command, and look for what the page shows of its output."""
        if command.text in NOT_RUN:
            return
        if command.text in TYPED:
            self._type(command.text, TYPED[command.text])
        elif command.text in UNTIL:
            self._watch(command.text, UNTIL[command.text])
        else:
            printed, status = self._run(_with_stand_ins(command.text))
            fails = any(re.search(r"\bfailed in\b", line) for line in command.shown)
            assert (status != 0) == fails, f"{command.text}: status {status}\n{printed}"
            for line in command.shown:
                pattern = r"\s+".join(map(_pattern, _with_stand_ins(line).split()))
                assert re.search(rf"(?m)^\s*{pattern}\s*$", printed), f"{command.text}\n{printed}"
        for name, content in self._scene.after.get(command.text, {}).items():
            self.write(name, content)

    def _run(self, command: str) -> tuple[str, int]:
        """What a command prints, and its status; it may change the directory for the next one."""
        if command.startswith("make "):
            command = f"make --dry-run --directory {shlex.quote(str(ROOT))} {command[5:]}"
        self._remember()
        done = subprocess.run(
            ["bash", "-c", f"{command}\nstatus=$?; pwd >{self._where}; exit $status"],
            cwd=self._directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        self._directory = Path(self._where).read_text("utf-8").rstrip("\n")
        self._remember()
        return done.stdout, done.returncode

    def _type(self, command: str, keys: str) -> None:
        child = self._spawn(command)
        child.send(keys)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0, child.before

    def _watch(self, command: str, shown: str) -> None:
        child = self._spawn(command)
        child.expect_exact(shown)
        child.sendintr()
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 130, child.before

    def _spawn(self, command: str) -> pexpect.spawn[str]:
        name, *arguments = shlex.split(command)
        environment: Mapping[str, str] = {**self.environment, "TERM": "xterm-256color"}
        return pexpect.spawn(
            name,
            arguments,
            cwd=self._directory,
            env=environment,
            encoding="utf-8",
            timeout=TIMEOUT,
        )

    def _remember(self) -> None:
        """What a project here leaves in the engine is removed at the end."""
        if self._directory not in self._daemon.projects:
            self._daemon.remember(self._directory)


def _pattern(word: str) -> str:
    return ".*".join(map(re.escape, word.split("…")))


def _with_stand_ins(text: str) -> str:
    for name, stand_in in STAND_INS.items():
        text = re.sub(rf"(?<![\w/.:-]){re.escape(name)}(?![\w.-])", stand_in, text)
    return text


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(source, target, ignore=ignored)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
