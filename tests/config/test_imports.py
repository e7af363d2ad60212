"""These tests check what the reading of a configuration imports, since a client waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.daemon import TIMEOUT

PLAIN = """\
[environments.build]
engine = "host"
[tasks.build]
run = "make"
"""

READ = """\
import sys
from buildd.config.load import check
project, errors = check(sys.argv[1])
assert project and not errors, errors
"""

HEAVY = {
    "buildd.config.foreign.readers": "no other tool's file is read",
    "buildd.lsp": "no editor has connected",
    "buildd.matchers": "no task has a pattern",
    "buildd.parsers.documents": "there is no output yet",
    "buildd.parsers.log": "there is no output yet",
    "buildd.parsers.tools": "there is no output yet",
    "buildd.testing.declarations.go": "no test has run",
    "docker": "no engine is used yet",
    "lsprotocol": "no editor has connected",
    "pygls": "no editor has connected",
    "regex": "no task has a pattern",
    "yaml": "no YAML is read",
}
"""Modules that are slow to import, and why they are not needed."""


def imported(code: str, *arguments: str) -> set[str]:
    """Return the modules that a new Python process has imported after it has run the code."""
    shown = subprocess.run(
        [sys.executable, "-P", "-c", f"{code}\nprint(*sys.modules, sep='\\n')", *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    return set(shown.stdout.split())


def heavy(modules: set[str]) -> dict[str, str]:
    return {name: why for name, why in HEAVY.items() if name in modules}


@pytest.mark.parametrize("first", ["", "import buildd.server.server\n"], ids=["alone", "daemon"])
def test_a_configuration_without_patterns_imports_nothing_heavy(tmp_path: Path, first: str) -> None:
    (tmp_path / "buildd.toml").write_text(PLAIN, "utf-8")
    found = imported(first + READ, str(tmp_path))
    assert "buildd.config.task_table" in found
    assert heavy(found) == {}


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("buildd.toml", f'{PLAIN}parsers = ["gcc"]\n', set()),
        ("buildd.toml", f'{PLAIN}on-save = ["*.c"]\n', set()),
        ("buildd.toml", f'{PLAIN}errorformat = "%f:%l: %m"\n', {"buildd.matchers", "regex"}),
        (".devcontainer.json", '{"image": "debian:12"}', {"buildd.config.foreign.readers"}),
    ],
)
def test_modules_are_imported_when_they_are_needed(
    tmp_path: Path, file: str, text: str, expected: set[str]
) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    assert set(heavy(imported(READ, os.fspath(tmp_path)))) == expected
