"""These tests check the proposals of `buildd init`; data files have a directory and the result."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.init import scaffold
from buildd.config.init.toolchains import TOOLCHAINS
from buildd.errors import BuilddError
from tests.config.support import data, data_files, plant, sections

_EXPECTED = "expected "


@pytest.mark.parametrize("name", data_files("scaffold", ".txt"))
def test_proposal_is_as_expected_and_loads(name: str, tmp_path: Path) -> None:
    parts = sections(data("scaffold", f"{name}.txt"))
    tree = {name: text for name, text in parts.items() if not name.startswith(_EXPECTED)}
    directory = plant(str(tmp_path), tree)
    proposed = scaffold.propose(directory)
    assert {_EXPECTED + "kind": proposed.kind + "\n"} | {
        _EXPECTED + name: text for name, text in proposed.files.items()
    } == {name: text for name, text in parts.items() if name.startswith(_EXPECTED)}
    written = scaffold.write(directory, proposed)
    assert written == [os.path.join(directory, name) for name in proposed.files]
    project = load.load(directory)
    assert project.default_environment == "build"
    assert ("build" in project.tasks) == (proposed.kind != "plain")


def test_every_kind_has_data() -> None:
    kinds = {name.partition("-")[0] for name in data_files("scaffold", ".txt")}
    assert kinds == {*TOOLCHAINS, "plain"}


def test_a_proposal_writes_nothing(tmp_path: Path) -> None:
    directory = plant(str(tmp_path), {"Makefile": "all:\n"})
    scaffold.propose(directory)
    assert os.listdir(directory) == ["Makefile"]


def test_an_existing_file_is_not_overwritten_without_force(tmp_path: Path) -> None:
    directory = plant(str(tmp_path), {"Makefile": "all:\n", "buildd.toml": "# mine\n"})
    proposed = scaffold.propose(directory)
    with pytest.raises(BuilddError, match=r"buildd\.toml already exists.*--force"):
        scaffold.write(directory, proposed)
    assert sorted(os.listdir(directory)) == ["Makefile", "buildd.toml"]
    assert read(directory, "buildd.toml") == "# mine\n"
    scaffold.write(directory, proposed, force=True)
    assert read(directory, "buildd.toml") == proposed.files["buildd.toml"]


def test_force_replaces_a_link_not_its_target(tmp_path: Path) -> None:
    directory = plant(str(tmp_path), {"p/Makefile": "all:\n", "other.toml": "# other\n"})
    os.symlink("../other.toml", f"{directory}/p/buildd.toml")
    proposed = scaffold.propose(f"{directory}/p")
    scaffold.write(f"{directory}/p", proposed, force=True)
    assert read(directory, "other.toml") == "# other\n"
    assert read(directory, "p/buildd.toml") == proposed.files["buildd.toml"]


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    with pytest.raises(BuilddError, match="cannot read"):
        scaffold.propose(missing)
    proposed = scaffold.propose(str(tmp_path))
    with pytest.raises(BuilddError, match="cannot write"):
        scaffold.write(missing, proposed)


def read(directory: str, name: str) -> str:
    with open(os.path.join(directory, name), encoding="utf-8") as file:
        return file.read()
