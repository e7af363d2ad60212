"""`buildd demo` on its own small project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon


def demo(command: object, *arguments: str) -> str:
    result = command("demo", *arguments)  # type: ignore[operator]  # the fixture of that name
    assert result.returncode == 0, result.stdout + result.stderr
    return str(result.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--engine", "host"),
        pytest.param(("--image", IMAGE), marks=pytest.mark.engine),
    ],
)
def test_it_shows_the_error_and_leaves_nothing(
    command: object, daemon: Daemon, directory: str, arguments: tuple[str, ...]
) -> None:
    temporary = Path(directory, "tmp")
    temporary.mkdir()
    daemon.environment["TMPDIR"] = str(temporary)
    text = demo(command, *arguments)
    assert "_misspelt" in text
    assert "^~~~" in text
    assert "from the save until the diagnostic disappears" in text
    assert os.listdir(temporary) == []
