"""The reference of buildd.toml is complete, and every example of a configuration loads."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from buildd.config import load, user_config
from buildd.config.daemon_table import DaemonTable
from docs import generate
from tests.docs import pages
from tests.docs.pages import ROOT, Block

EXAMPLES = {
    f"{table}.{key}": example
    for table, keys in generate.examples().items()
    for key, example in keys.items()
}

SHOWN = [
    pytest.param(block, id=f"{page}-{number}")
    for page in pages.PAGES
    for number, block in enumerate(pages.blocks(page))
    if block.language == "toml"
]

_NAMED = re.compile(
    r'"((?:[\w-]+\.)?Dockerfile|[\w-]+\.Dockerfile|requirements\.txt|\.vscode/tasks\.json)"'
)
_TASKS = '{ "version": "2.0.0", "tasks": [{ "label": "web", "problemMatcher": "$tsc" }] }'


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_generated_part_is_what_the_code_says(page: str) -> None:
    assert generate.written(page) == generate.PAGES[page](), "run `python -m docs.generate`"


def test_every_key_has_an_example_and_no_other() -> None:
    wanted = {
        f"{table}.{key}"
        for table, definition in generate.definitions().items()
        for key in definition.get("properties", ())
    }
    assert EXAMPLES.keys() == wanted
    assert generate.TABLES.keys() == {name.partition(".")[0] for name in wanted}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_uses_its_key_and_loads(name: str, tmp_path: Path) -> None:
    assert name.partition(".")[2] in _keys(tomllib.loads(EXAMPLES[name]))
    loads(EXAMPLES[name], tmp_path)


@pytest.mark.parametrize("block", SHOWN)
def test_a_configuration_that_a_page_shows_loads(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block.text.startswith("# ~/.config/buildd/config.toml"):
        (tmp_path / "config.toml").write_text(block.text, "utf-8")
        monkeypatch.setenv("BUILDD_CONFIG_DIR", str(tmp_path))
        assert user_config.check()[1] == []
    else:
        loads(block.text, tmp_path)


def test_every_key_of_the_user_s_own_file_is_described() -> None:
    page = pages.text("docs/configuration.md")
    for name, table in (("trust", user_config.TrustTable), ("daemon", DaemonTable)):
        for field in msgspec.structs.fields(table):
            assert f"| `[{name}]` `{field.encode_name}` |" in page


def test_every_environment_variable_is_described() -> None:
    code = [*ROOT.glob("daemon/buildd/**/*.py"), *ROOT.glob("clients/terminal/**/*.py")]
    read = {
        name
        for path in code
        for name in re.findall(
            r"\b(?:BUILDD_[A-Z_]*[A-Z]|DOCKER_[A-Z_]*[A-Z]|CONTAINER_HOST)\b",
            path.read_text("utf-8"),
        )
    }
    described = set(re.findall(r"`(\w+)`", pages.text("docs/configuration.md")))
    inside = {"BUILDD_FAIL_AT", "BUILDD_TOML", "DOCKER_CONFIG", "DOCKER_BUILDKIT"}
    assert read - inside <= described


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def loads(text: str, directory: Path) -> None:
    """There is a project that says this: what it names is there, and nothing is wrong."""
    for name in ("home/sdk", "library", ".git"):
        (directory / name).mkdir(parents=True)
    (directory / "home" / ".npmrc").touch()
    directory /= "project"
    directory.mkdir()
    (directory / "buildd.toml").write_text(text, "utf-8")
    for name in _NAMED.findall(text):
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(_TASKS if name.endswith(".json") else "FROM scratch AS tools\n", "utf-8")
    for name in ("web", "dist", "include"):
        (directory / name).mkdir()
    project, errors = load.check(str(directory))
    assert [str(error) for error in errors] == []
    assert project
    assert project.path == os.path.realpath(directory)


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(key for inner in value.values() for key in _keys(inner))}
    if isinstance(value, list):
        return {key for inner in value for key in _keys(inner)}
    return set()
