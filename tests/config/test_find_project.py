"""These tests find the project that a path belongs to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.load import find_project
from tests.config.support import plant

MINIMAL = '[environments.build]\nimage = "debian:12"\n'


@pytest.mark.parametrize(
    ("files", "start", "found"),
    [
        (["buildd.toml"], ".", "."),
        (["buildd.toml"], "buildd.toml", "."),
        (["buildd.toml", "a/b/c.c"], "a/b/c.c", "."),
        (["buildd.toml"], "not/there/yet.c", "."),
        (["build.Dockerfile", "a/x"], "a", "."),
        (["buildd.toml", "a/build.Dockerfile"], "a", "a"),
        (["buildd.toml", "a/buildd.toml/x"], "a", "."),
        (["a/buildd.toml", "b/x"], "b", None),
        (["Dockerfile"], ".", None),
    ],
)
def test_find_project(tmp_path: Path, files: list[str], start: str, found: str | None) -> None:
    path = plant(str(tmp_path), dict.fromkeys(files, ""))
    expected = None if found is None else os.path.normpath(f"{path}/{found}")
    assert find_project(f"{path}/{start}") == expected


def test_find_project_through_a_link_is_canonical(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"real/buildd.toml": MINIMAL, "real/a/x.c": ""})
    os.symlink("real/a", f"{path}/link")
    assert find_project(f"{path}/link/x.c") == f"{path}/real"
    os.symlink("real", f"{path}/direct")
    assert load.load(f"{path}/direct").path == f"{path}/real"


@pytest.mark.parametrize("path", ["/", "/proc/1/root/x", "a\0b", "", "/\udcff/x", "/" + "x" * 5000])
def test_find_project_never_raises(path: str, tmp_path: Path) -> None:
    here = os.getcwd()
    os.chdir(str(tmp_path))
    try:
        assert find_project(path) is None
    finally:
        os.chdir(here)


def test_find_project_continues_above_unreadable_directories(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"buildd.toml": MINIMAL, "locked/deep/x.c": ""})
    os.symlink("loop", f"{path}/loop")
    assert find_project(f"{path}/loop/x.c") == path
    os.chmod(f"{path}/locked", 0)
    try:
        assert find_project(f"{path}/locked/deep/x.c") == path
    finally:
        os.chmod(f"{path}/locked", 0o700)
        shutil.rmtree(f"{path}/locked")
