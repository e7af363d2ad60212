"""Files of a project, in whose place anything may stand."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from buildd.base.safe_open import NotAFileError, open_regular, read_end, read_regular


def test_a_regular_file_is_read_as_far_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert read_regular(str(path), 100) == b"content"
    assert read_regular(str(path), 3) == b"con"
    with open_regular(str(path)) as file:
        assert file.read() == b"content"


@pytest.mark.parametrize(
    ("limit", "end"), [(0, b""), (3, b"ent"), (7, b"content"), (9, b"content")]
)
def test_the_end_of_a_file_is_read(tmp_path: Path, limit: int, end: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert read_end(str(path), limit) == end


def test_a_link_to_a_regular_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(str(tmp_path / "link"), 100) == b"content"


@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "directory", "device", "socket"])
def test_anything_else_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """To open a pipe without a writer would last for ever."""
    path = str(tmp_path / "file")
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link to a pipe":
            os.mkfifo(tmp_path / "pipe")
            os.symlink("pipe", path)
        case "directory":
            os.mkdir(path)
        case "device":
            path = "/dev/zero"
        case "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(path)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError) as caught:  # noqa: PT011 (its kind is looked at below)
        read_regular(path, 100)
    assert isinstance(caught.value, NotAFileError) or caught.value.errno == errno.ENXIO
    assert caught.value.filename == path
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_is_missing_is_said_as_by_open(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_regular(str(tmp_path / "file"), 100)
