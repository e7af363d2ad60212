"""What tasks say that they make, by its digests: never the content of what lies elsewhere."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from buildd.trials.outputs import digests
from tests.support.exchange import exchanged_for_ever

MINE = hashlib.sha256(b"mine").hexdigest()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "out/deep").mkdir(parents=True)
    (made / "out/deep/file").write_text("mine")
    (tmp_path / "secret/deep").mkdir(parents=True)
    (tmp_path / "secret/deep/file").write_text("somebody's")
    return made


def test_files_links_and_all_below_a_directory(project: Path) -> None:
    (project / "out/program").write_text("mine")
    (project / "out/program").chmod(0o755)
    (project / "out/link").symlink_to("deep/file")
    os.mkfifo(project / "out/pipe")
    expected = {
        "out/deep/file": MINE,
        "out/link": "-> deep/file",
        "out/pipe": "not a file",
        "out/program": f"{MINE} executable",
    }
    assert digests(str(project), ["out", "missing"]) == expected
    assert digests(str(project), ["out/deep/file"]) == {"out/deep/file": MINE}
    assert digests(str(project), ["."]) == expected


def test_a_link_on_the_way_is_followed_in_the_project_only(project: Path) -> None:
    (project / "debug").symlink_to("out")
    assert digests(str(project), ["debug/deep"]) == {"debug/deep/file": MINE}
    assert digests(str(project), ["debug"]) == {"debug": "-> out"}
    (project / "away").symlink_to("../secret")
    assert digests(str(project), ["away/deep"]) == {"away/deep": "elsewhere"}


def test_a_hole_is_not_read(project: Path) -> None:
    with (project / "out/hole").open("wb") as file:
        file.truncate(1 << 42)
    assert "too many" in digests(str(project), ["out/hole"])["out/hole"]


def test_a_directory_that_is_exchanged_for_a_link(project: Path) -> None:
    (project / "other").symlink_to("../secret")
    found = set()
    with exchanged_for_ever(str(project / "out"), str(project / "other")):
        for _ in range(1000):
            found |= set(digests(str(project), ["out"]).values())
    assert MINE in found
    # It may be a directory again between two looks.
    assert found <= {MINE, "-> ../secret", "not a file"}
