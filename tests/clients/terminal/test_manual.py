"""The manual page, which the wheel brings."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from buildd_cli.arguments import all_parsers
from buildd_cli.manual import page


@pytest.fixture(scope="module")
def text() -> str:
    # In a process of its own, as it is built: it must not need anything else.
    command = [sys.executable, "-m", "buildd_cli.manual"]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    return made.stdout


def test_it_has_every_command_with_every_option(text: str) -> None:
    for name, parser in all_parsers().items():
        section = text.partition(f"\n.SS buildd {name}\n")[2].partition("\n.S")[0]
        for action in parser._actions:
            for option in action.option_strings:
                if action.dest not in ("help", "project"):
                    assert option.replace("-", r"\-") in section


def test_it_is_the_same_on_every_terminal(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert page() == text
    assert text.isascii()


def test_no_line_asks_of_the_formatter_what_it_should_not(text: str) -> None:
    known = (".TH", ".SH", ".SS", ".P", ".TP", ".B", ".RB", ".IR", ".I", ".RI", ".BR")
    requests = {line.split()[0] for line in text.splitlines() if line.startswith((".", "'"))}
    assert requests <= {*known, ".RS", ".RE", ".nf", ".fi"}


def test_groff_understands_it(text: str) -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
