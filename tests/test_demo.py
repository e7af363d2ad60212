"""`buildd demo` on the project that it brings along."""

from __future__ import annotations

import os
import tempfile

import pytest

from tests.conftest import IMAGE


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
def test_it_shows_the_error_and_leaves_nothing(command: object, arguments: tuple[str, ...]) -> None:
    before = set(os.listdir(tempfile.gettempdir()))
    text = demo(command, *arguments)
    assert "_misspelt" in text
    assert "^~~~" in text
    assert "from save to the diagnostic gone" in text
    left = set(os.listdir(tempfile.gettempdir())) - before
    assert not [name for name in left if name.startswith("buildd-demo")]
