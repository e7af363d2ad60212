"""What a release is made of agrees with itself."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.provision.versions import ROOT, main, versions

WORKFLOWS = sorted(Path(ROOT, ".github", "workflows").glob("*.yml"))

BY_BRANCH = {"pypa/gh-action-pypi-publish@release/v1"}
"""Actions that their authors say to take from a branch."""


def test_all_versions_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(set(versions().values())) == 1
    assert main("0.0.0") == 1
    said = capsys.readouterr().out
    assert "clients/vscode/package.json says " in said
    assert "CHANGELOG.md has no section for 0.0.0" in said


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_named_by_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    assert used
    for action, comment in used:
        assert action in BY_BRANCH or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)
        assert action in BY_BRANCH or re.match(r" # v\d", comment)


def test_every_claimed_python_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    claimed = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    assert jobs["pythons"]["strategy"]["matrix"]["python"] == claimed


def test_the_repository_is_named_once() -> None:
    """CONTRIBUTING.md says where to change it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    repository = project["urls"]["Repository"].removeprefix("https://")
    found = subprocess.run(
        ["git", "grep", "-hoE", r"github\.com/buildd[a-z-]*/[a-z-]+", "--", ":!tests/parsers"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode > 1:
        pytest.skip("not a clone")
    assert set(found.stdout.split()) == {repository}
