"""Locks on files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from buildd.base.file_lock import locked, try_lock

TAKE_AND_WAIT = (
    "import sys; from buildd.base.file_lock import try_lock\n"
    "print(try_lock(sys.argv[1]) is not None, flush=True); sys.stdin.read()"
)


def test_one_holds_it_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with locked(path):
        assert try_lock(path) is None
    lock = try_lock(path)
    assert lock is not None
    assert try_lock(path) is None
    os.close(lock)
    with locked(path):
        pass
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_it_is_free_once_its_holder_is_killed(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", TAKE_AND_WAIT, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"True\n"
        assert try_lock(path) is None
        holder.kill()
    with locked(path):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic link"):
        try_lock(str(tmp_path / "lock"))
    with pytest.raises(OSError, match="symbolic link"), locked(str(tmp_path / "lock")):
        pass
    assert not (tmp_path / "victim").exists()
