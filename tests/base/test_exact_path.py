"""Files opened and made by their canonical path, through no link."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from buildd.base.exact_path import make_below, open_exactly


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("here")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a" / "link").symlink_to("b/file")
    return tmp_path


@pytest.fixture(autouse=True)
def no_descriptor_is_left() -> Iterator[None]:
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("name", ["", "a", "a/b", "a/b/file"])
def test_what_is_there_is_opened(root: Path, name: str) -> None:
    path = str(root / name)
    descriptor = open_exactly(path)
    assert os.readlink(f"/proc/self/fd/{descriptor}") == path
    os.close(descriptor)


def test_a_file_is_read(root: Path) -> None:
    with os.fdopen(open_exactly(f"{root}/a/b/file", os.O_RDONLY)) as file:
        assert file.read() == "here"


@pytest.mark.parametrize("flags", [os.O_PATH, os.O_RDONLY])
@pytest.mark.parametrize("name", ["link", "link/b", "link/b/file", "a/link"])
def test_no_link_is_followed(root: Path, name: str, flags: int) -> None:
    with pytest.raises(OSError, match="symbolic links") as caught:
        open_exactly(str(root / name), flags)
    assert caught.value.errno == errno.ELOOP


def test_what_is_not_there_is_said(root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_exactly(f"{root}/a/c/file")
    with pytest.raises(NotADirectoryError):
        open_exactly(f"{root}/a/b/file/c")


@pytest.mark.parametrize("path", ["a", "/tmp/../a", "./a"])
def test_only_a_canonical_path_will_do(path: str) -> None:
    with pytest.raises(ValueError, match="canonical"):
        open_exactly(path)


@pytest.mark.parametrize("is_file", [True, False])
def test_a_place_is_made_with_what_leads_to_it(root: Path, *, is_file: bool) -> None:
    for _ in range(2):
        make_below(str(root), f"{root}/a/c/d", is_file=is_file)
        assert os.path.isfile(root / "a" / "c" / "d") is is_file
    make_below(str(root), f"{root}/a/b/file", is_file=True)
    assert (root / "a" / "b" / "file").read_text() == "here"


def test_nothing_is_made_behind_a_link(root: Path) -> None:
    with pytest.raises(OSError, match="link"):
        make_below(str(root), f"{root}/link/c", is_file=False)
    assert os.listdir(root / "a") == ["b", "link"]
