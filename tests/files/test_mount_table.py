"""The table of mounted file systems."""

from __future__ import annotations

import os

import pytest

from buildd.files.mount_table import MountedFileSystem, mounted

ROWS = [
    (
        "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
        MountedFileSystem("/mnt2", "ext3", is_read_only=False),
    ),
    ("22 1 0:21 / / ro,relatime - overlay overlay rw", MountedFileSystem("/", "overlay", True)),
    (
        "40 22 0:39 / /a\\040b\\011c\\134d\\012e rw shared:2 master:1 - fuse.sshfs me@host: rw",
        MountedFileSystem("/a b\tc\\d\ne", "fuse.sshfs", is_read_only=False),
    ),
    ("41 22 0:40 / /rows ro", MountedFileSystem("/rows", "", is_read_only=True)),
    ("41 22 0:40 / /proc rootfs,rowdy - proc proc rw", MountedFileSystem("/proc", "proc", False)),
]


@pytest.mark.parametrize(("line", "expected"), ROWS)
def test_a_row_is_read(line: str, expected: MountedFileSystem) -> None:
    assert list(mounted([line])) == [expected]
    assert [mount.target for mount in mounted([line + "\n"])] == [expected.target]


@pytest.mark.parametrize("line", ["", "\n", "x", "36 35 98:0 /mnt1", " - ext3 /dev/root"])
def test_what_is_no_row_is_passed_over(line: str) -> None:
    assert list(mounted([line])) == []


def test_this_system_s_own_table_is_read() -> None:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        found = {mount.target: mount.kind for mount in mounted(file)}
    assert found["/proc"] == "proc"
    assert all(os.path.isabs(target) for target in found)
