"""These tests report errors in the user's config.toml; each data file ends with those expected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import user_config
from buildd.errors import ConfigError
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
