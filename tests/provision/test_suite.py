"""What fails is tried once more, alone, and that it was needed is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.provision import suite

HOOK = (Path(__file__).parents[1] / "conftest.py").read_text("utf-8")

TESTS = """
import os
import pytest

@pytest.mark.parametrize("name", ["a b", "c"])
def test_needs_two(name, pytestconfig):
    mark = pytestconfig.rootpath / name
    if not mark.exists():
        mark.touch()
        raise OSError

def test_passes():
    pass
"""
FAILS = """
import pytest

def test_fails():
    raise OSError

@pytest.fixture
def broken():
    raise OSError

def test_cannot_begin(broken):
    pass
"""
MANY = """
import pytest

@pytest.mark.parametrize("number", range(50))
def test_fails(number):
    raise OSError
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of tests, which is the current one."""
    hook = HOOK[HOOK.index("def pytest_terminal_summary") : HOOK.index("def pytest_generate_tests")]
    start = f"import os\nfrom pathlib import Path\nFAILED_LIST = {suite.FAILED_LIST!r}\n"
    (tmp_path / "conftest.py").write_text(start + hook.replace(": TerminalReporter", ""), "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    monkeypatch.chdir(tmp_path)
    # The plugins of the real tests take seconds to load.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    return tmp_path


@pytest.mark.parametrize("workers", ["0", "1"])
def test_what_passes_then_is_listed(
    folder: Path, capfd: pytest.CaptureFixture[str], workers: str
) -> None:
    assert suite.main("all", "-n", workers, "-q", folder=folder / "retried") == 0
    names = ["test_some.py::test_needs_two[a b]", "test_some.py::test_needs_two[c]"]
    assert (folder / "retried" / "all.txt").read_text().splitlines() == names
    said = capfd.readouterr().out
    assert said.endswith("\n  " + "\n  ".join(names) + "\n")
    assert "on the second, lone try only" in said
    assert suite.main("all", "-q", folder=folder / "retried") == 0
    assert (folder / "retried" / "all.txt").read_text() == ""


def test_what_fails_again_has_failed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "test_more.py").write_text(FAILS)
    assert suite.main("all", "-q", folder=folder / "retried") == 1
    assert len((folder / "retried" / "all.txt").read_text().splitlines()) == 2
    assert "once more, alone: 4 that failed" in capfd.readouterr().out


def test_many_are_not_tried_again(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    many = (
        'import pytest\n@pytest.mark.parametrize("n", range(50))\ndef test_no(n):\n    assert 0\n'
    )
    (folder / "test_more.py").write_text(many)
    assert suite.main("all", "-q", folder=folder / "retried") == 1
    assert "52 tests failed, which is too many to try again" in capfd.readouterr().out
    assert (folder / "retried" / "all.txt").read_text() == ""


def test_without_tests_nothing_is_tried_again(folder: Path) -> None:
    assert suite.main("all", "-q", "-k", "nothing", folder=folder / "retried") == 5
