"""What can be said of every configuration, also of those whose editor cannot be had here."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from buildd.protocol import COMMANDS
from tests.clients.editors.conftest import CONFIGURATIONS

PAGE = Path(CONFIGURATIONS, "README.md").read_text("utf-8")

FILES = sorted(
    os.path.relpath(os.path.join(folder, name), CONFIGURATIONS)
    for folder, _, names in os.walk(CONFIGURATIONS)
    for name in names
    if not name.endswith((".md", ".png"))
)


def read(name: str) -> str:
    return Path(CONFIGURATIONS, name).read_text("utf-8")


def test_every_editor_is_in_the_table_and_nothing_else() -> None:
    linked = set(re.findall(r"[^!]\[[^]]*\]\(([\w-]+/[\w.-]+)\)", PAGE))
    assert linked <= set(FILES)
    assert {name.split("/")[0] for name in linked} == {name.split("/")[0] for name in FILES}


def test_the_tests_run_what_the_table_says() -> None:
    here = Path(__file__).parent
    tests = "".join(path.read_text("utf-8") for path in here.glob("test_*.py"))
    rows = re.findall(r"^\| .*\]\(([\w-]+)/([\w.-]+)\).* \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 10
    for folder, name, tried in rows:
        is_run = f'"{folder}", "{name}"' in tests
        assert is_run == (tried != "no"), name


@pytest.mark.parametrize("name", FILES)
def test_each_starts_buildd(name: str) -> None:
    text = re.sub(r"\s+", " ", read(name))
    if name.endswith((".json", ".sublime-settings", ".sublime-commands")):
        json.loads(text)
    elif name.endswith(".toml"):
        tomllib.loads(read(name))
    if name.endswith(("extension.toml", "Cargo.toml", ".sublime-commands")):
        return
    assert re.search(r"buildd['\"]?,? .{0,60}?['\"]?lsp|buildd lsp", text)


def test_the_commands_exist() -> None:
    commands = json.loads(read("sublime-text/buildd.sublime-commands"))
    assert {command["args"]["command_name"] for command in commands} <= COMMANDS.keys()
