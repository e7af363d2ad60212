"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.base.atomic_write import create_file, remove_unfinished, replace_file

Write = Callable[[str, bytes], None]


def names(directory: Path) -> list[str]:
    return sorted(os.listdir(directory))


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_made_and_replaced(tmp_path: Path, *, durable: bool) -> None:
    path = tmp_path / "file"
    for content in (b"first", b"", b"x" * (1 << 20)):
        replace_file(str(path), content, durable=durable)
        assert path.read_bytes() == content
    assert names(tmp_path) == ["file"]


def test_what_is_there_stays_where_a_file_is_only_created(tmp_path: Path) -> None:
    path = tmp_path / "file"
    create_file(str(path), b"first")
    create_file(str(path), b"second")
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("write", [replace_file, create_file])
def test_a_name_may_have_all_of_its_255_bytes(tmp_path: Path, write: Write) -> None:
    path = tmp_path / ("é" * 127 + "x")
    write(str(path), b"content")
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("write", [replace_file, create_file])
def test_a_relative_path_is_one_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    monkeypatch.chdir(tmp_path)
    write("file", b"content")
    assert Path("file").read_bytes() == b"content"


@pytest.mark.parametrize("durable", [False, True])
def test_a_path_may_be_relative_to_a_descriptor(tmp_path: Path, *, durable: bool) -> None:
    (tmp_path / "moved").mkdir()
    directory = os.open(tmp_path / "moved", os.O_RDONLY)
    (tmp_path / "moved").rename(tmp_path / "other")
    try:
        for content in (b"first", b"second"):
            replace_file("file", content, durable=durable, directory=directory)
            assert (tmp_path / "other/file").read_bytes() == content
        with pytest.raises(FileNotFoundError):
            replace_file("missing/file", b"", durable=durable, directory=directory)
    finally:
        os.close(directory)
    assert names(tmp_path / "other") == ["file"]


@pytest.mark.parametrize(
    ("mode", "umask", "expected"),
    [(0o600, 0o022, 0o600), (0o666, 0o022, 0o644), (0o777, 0o022, 0o755), (0o777, 0o077, 0o700)],
)
def test_the_mode_is_as_asked_less_the_umask(
    tmp_path: Path, mode: int, umask: int, expected: int
) -> None:
    path = tmp_path / "file"
    path.touch(0o640)
    before = os.umask(umask)
    try:
        replace_file(str(path), b"", mode=mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == expected


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "file"
    victim.write_text("mine")
    path.symlink_to(victim)
    replace_file(str(path), b"new")
    assert not path.is_symlink()
    assert (path.read_text(), victim.read_text()) == ("new", "mine")


def test_a_link_in_the_place_of_the_unfinished_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "file.guessed.new").symlink_to(victim)
    monkeypatch.setattr("secrets.token_hex", lambda size: "guessed")
    with pytest.raises(FileExistsError):
        replace_file(str(tmp_path / "file"), b"new")
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("write", [replace_file, create_file])
def test_an_error_names_the_file_and_leaves_nothing(tmp_path: Path, write: Write) -> None:
    path = str(tmp_path / "missing" / "file")
    with pytest.raises(FileNotFoundError) as caught:
        write(path, b"")
    assert caught.value.filename == path
    assert caught.value.filename2 is None
    assert path in str(caught.value)
    assert names(tmp_path) == []


def test_what_cannot_be_put_in_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        replace_file(str(tmp_path / "file"), b"")
    assert caught.value.filename == str(tmp_path / "file")
    assert names(tmp_path) == ["file"]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    code = (
        "import resource, signal, sys; from buildd.base.atomic_write import replace_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9, 9))\n"
        "try: replace_file(sys.argv[1], b'longer than that')\n"
        "except OSError as error: print(error.filename)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(path)
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["file"]


def test_a_writer_that_is_killed_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    (tmp_path / "file2.0123abcd.new").touch()
    code = (
        "import sys; from buildd.base.atomic_write import replace_file\n"
        "replace_file(sys.argv[1], b'after', failpoint='here')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        env={**os.environ, "BUILDD_FAIL_AT": "here"},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"before"
    assert len(names(tmp_path)) == 3
    remove_unfinished(str(path))
    assert names(tmp_path) == ["file", "file2.0123abcd.new"]


@pytest.mark.parametrize("write", [replace_file, create_file])
def test_any_number_may_write_at_once(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "file"
    contents = [bytes([number]) * 10_000 for number in range(20)]
    writers = [threading.Thread(target=write, args=(str(path), content)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["file"]
