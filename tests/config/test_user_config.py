"""These tests report errors in the user's config.toml; each data file ends with those expected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import user_config
from buildd.errors import ConfigError
from buildd.files import state_dirs
from tests.config.support import data, data_files

_MARK = "#> "


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUILDD_CONFIG_DIR", str(tmp_path))
    return tmp_path / "config.toml"


@pytest.mark.parametrize("name", data_files("user_errors", ".toml"))
def test_errors_are_reported_at_their_positions(name: str, file: Path) -> None:
    head, mark, tail = data("user_errors", f"{name}.toml").partition(_MARK)
    expected = [line.removeprefix(_MARK) for line in (mark + tail).splitlines()]
    file.write_text(head, "utf-8")
    _, errors = user_config.check()
    assert [shown(error) for error in errors] == expected
    assert {error.file for error in errors} == {str(file)}
    with pytest.raises(ConfigError) as caught:
        user_config.read()
    assert shown(caught.value) == expected[0]


def shown(error: ConfigError) -> str:
    text = f"{error.line}:{error.column} [{error.key}] {error.message} => {error.remedy}"
    return text.rstrip()


def test_no_file_is_the_same_as_an_empty_one(file: Path) -> None:
    absent = user_config.check()
    assert absent == (user_config.UserConfig(), [])
    file.write_text("", "utf-8")
    assert user_config.check() == absent


def test_a_named_pipe_in_place_of_the_file_does_not_block(file: Path) -> None:
    os.mkfifo(file)
    _, (error,) = user_config.check()
    assert error.message == "the file cannot be read: it is not a regular file"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_one_in_a_directory_that_others_may_write_is_not_followed(file: Path, mode: int) -> None:
    file.write_text("", "utf-8")
    assert user_config.check()[1] == []
    file.parent.chmod(mode)
    _, (error,) = user_config.check()
    assert error.message == f"the file is ignored because other users can write to {file.parent}"
    assert error.remedy.endswith(f"`chmod go-w {file.parent}`.")
    file.parent.chmod(mode | 0o1000)
    assert user_config.check()[1] == [], "they cannot exchange it"


def test_where_links_lead_counts(file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "own.toml").write_text("", "utf-8")
    file.symlink_to(elsewhere / "own.toml")
    assert user_config.check()[1] == []
    elsewhere.chmod(0o777)
    _, (error,) = user_config.check()
    assert error.message.endswith(f"other users can write to {elsewhere}")


def test_one_that_a_container_may_write_is_not_followed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDD_STATE_DIR", str(tmp_path / "state"))
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "own.toml").write_text("", "utf-8")
    file.symlink_to(dotfiles / "own.toml")
    state_dirs.note_mounts("/src/p", "build", ["/src/p", str(dotfiles)])
    _, (error,) = user_config.check()
    assert error.message.startswith("the file is ignored because containers of /src/p, which see")
    state_dirs.note_mounts("/src/p", "build", ["/src/p"])
    assert user_config.check()[1] == []
