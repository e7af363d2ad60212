"""These tests check the errors of wrong buildd.toml files; each data file ends with its errors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import load
from buildd.errors import ConfigError
from tests.config.support import data, data_files, plant

PROJECT = {
    "build.Dockerfile": "FROM scratch\n",
    "file": "",
    "src/": "",
}

_MARK = "#> "


@pytest.mark.parametrize("name", data_files("errors", ".toml"))
def test_errors(name: str, tmp_path: Path) -> None:
    text = data("errors", f"{name}.toml")
    head, mark, tail = text.partition(_MARK)
    expected = [line.removeprefix(_MARK) for line in (mark + tail).splitlines()]
    directory = plant(str(tmp_path), {**PROJECT, "buildd.toml": head})
    project, errors = load.check(directory)
    assert project is None
    assert [shown(error, directory) for error in errors] == expected
    with pytest.raises(ConfigError) as raised:
        load.load(directory)
    assert shown(raised.value, directory) == expected[0]


def shown(error: ConfigError, directory: str) -> str:
    assert error.file == os.path.join(directory, "buildd.toml")
    assert str(error).isprintable()
    text = f"{error.line}:{error.column} [{error.key}] {error.message} => {error.remedy}"
    return text.replace(directory, "PROJECT").rstrip()
