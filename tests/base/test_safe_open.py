"""Files of a project are opened so that nothing which takes their place can do harm."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.base.safe_open import FileTooLargeError, NotAFileError, open_regular, read_regular


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    with open_regular(str(file)) as opened:
        assert opened.read() == b"abc"
        assert not os.get_inheritable(opened.fileno())
    assert read_regular(str(file), 3) == b"abc"


def test_a_link_to_one_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").symlink_to("a")
    assert read_regular(str(tmp_path / "b"), 3) == b"abc"


def bind(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, bind, lambda path: os.symlink("/dev/zero", path)]
)
def test_nothing_else_is_opened(directory: str, make: Callable[[str], object]) -> None:
    path = os.path.join(directory, "a")
    make(path)
    with pytest.raises(NotAFileError, match="not a regular file") as caught:
        open_regular(path)
    assert caught.value.filename == path


def test_what_is_missing_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        open_regular(str(tmp_path / "a"))
    assert caught.value.filename == str(tmp_path / "a")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch(0)
    with pytest.raises(PermissionError) as caught:
        open_regular(str(tmp_path / "a"))
    assert caught.value.filename == str(tmp_path / "a")


@pytest.mark.parametrize("size", [4, 1 << 40])
def test_a_larger_file_is_not_read(tmp_path: Path, size: int) -> None:
    path = str(tmp_path / "a")
    Path(path).touch()
    os.truncate(path, size)
    with pytest.raises(FileTooLargeError) as caught:
        read_regular(path, 3)
    assert caught.value.filename == path


def test_a_file_that_says_no_size_is_bounded() -> None:
    with pytest.raises(FileTooLargeError):
        read_regular("/proc/self/maps", 3)


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    before = os.listdir("/proc/self/fd")
    with pytest.raises(NotAFileError):
        read_regular(str(tmp_path / "a"), 3)
    assert os.listdir("/proc/self/fd") == before
