"""Diagnostics as text at a terminal."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from buildd_cli.output.diagnostics import SOURCE_LIMIT, diagnostics_text
from buildd_cli.output.terminal import Style


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(file: str) -> str:
    """What is shown of an error in the second line of the file."""
    place = {"file": file, "line": 2, "column": 5, "endLine": 2, "endColumn": 6}
    error = {**place, "severity": "error", "message": "no", "source": "gcc", "code": ""}
    style = Style(Terminal())
    assert style.terminal
    return diagnostics_text([error], style, "/")


def test_the_line_is_shown_with_a_mark_below_the_screen_columns(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("\n漢é\u0301\tx = 1;\n")
    *_, line, mark = shown(str(tmp_path / "a.c")).splitlines()
    assert "漢é\u0301\tx = 1;" in line
    assert "   \t^" in mark


@pytest.mark.parametrize("kind", ["pipe", "device", "directory", "missing", "huge"])
def test_what_cannot_be_shown_is_left_out(tmp_path: Path, kind: str) -> None:
    """A tool's output can name any file."""
    path = str(tmp_path / "a.c")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = "/dev/zero"
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "huge":
        with open(path, "wb") as file:
            file.truncate(SOURCE_LIMIT + 1)
    assert len(shown(path).splitlines()) == 1
