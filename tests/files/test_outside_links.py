"""These tests check which links out of a project are reported, and with which remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.files import outside_links
from buildd.model import Mount


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a directory with a project `p`, a home `home`, and data beside them."""
    path = os.path.realpath(tmp_path)
    for name in ("p/sub", "home/.ssh", "home/.cache/tool", "home/work", "data"):
        os.makedirs(f"{path}/{name}")
    monkeypatch.setenv("HOME", f"{path}/home")
    return path


def remarks(root: str, *mounts: Mount, target: str = "") -> list[str]:
    own = Mount(source=f"{root}/p", target=target or f"{root}/p")
    return list(outside_links.remarks(f"{root}/p", [own, *mounts]))


@pytest.mark.parametrize("target", ["{root}/data", "../data", "sub/../../data"])
def test_a_link_to_data_beside_the_project_is_offered_as_a_mount(root: str, target: str) -> None:
    os.symlink(target.format(root=root), f"{root}/p/data")
    (remark,) = remarks(root)
    assert remark == (
        f"{root}/p/data leads to {root}/data, which is not in the environment. To mount it, add "
        f'`mounts = [{{ source = "{root}/data", target = "{root}/data", read-only = true }}]`'
    )
    assert remarks(root, Mount(source=f"{root}/data", target=f"{root}/data")) == []


def test_a_relative_link_is_resolved_from_the_project_s_path_in_the_container(root: str) -> None:
    os.symlink("../../data", f"{root}/p/sub/data")
    (remark,) = remarks(root, target="/go/src/app")
    assert f'source = "{root}/data", target = "/go/src/data"' in remark
    data = Mount(source=f"{root}/data", target="/go/src/data")
    assert remarks(root, data, target="/go/src/app") == []


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("home", "contains your home directory"),
        ("", "contains your home directory"),
        ("home/.ssh", "contains keys"),
        ("home/.cache/tool", ""),
        ("home/work", ""),
    ],
)
def test_a_mount_of_private_files_is_not_offered(root: str, target: str, why: str) -> None:
    os.symlink(f"{root}/{target}", f"{root}/p/link")
    (remark,) = remarks(root)
    assert (why in remark, "mounts =" in remark) == (True, not why)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_mount_of_another_user_s_files_is_not_offered(root: str) -> None:
    os.chown(f"{root}/data", 12345, 12345)
    os.symlink("../data", f"{root}/p/link")
    assert "it belongs to another user" in remarks(root)[0]


@pytest.mark.parametrize("target", ["sub", "nowhere", "/nowhere", "/usr/bin/env", "/dev/null", "."])
def test_dangling_links_and_links_to_an_image_s_files_are_not_reported(
    root: str, target: str
) -> None:
    os.symlink(target, f"{root}/p/link")
    assert remarks(root) == []


def test_an_absolute_link_into_the_project_is_reported_if_the_container_s_path_differs(
    root: str,
) -> None:
    os.symlink(f"{root}/p/sub", f"{root}/p/link")
    assert remarks(root) == []
    (remark,) = remarks(root, target="/src")
    assert f'source = "{root}/p/sub", target = "{root}/p/sub"' in remark


def test_only_the_first_links_are_reported_and_the_others_counted(root: str) -> None:
    for number in range(outside_links.REMARK_LIMIT + 3):
        os.symlink("../data", f"{root}/p/{number}")
    lines = remarks(root)
    assert len(lines) == outside_links.REMARK_LIMIT + 1
    assert lines[-1].startswith("3 more links")


def test_the_search_follows_no_link_and_has_a_limit(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.symlink("..", f"{root}/p/sub/up")
    assert remarks(root) == []
    monkeypatch.setattr(outside_links, "ENTRY_LIMIT", 50)
    for number in range(100):
        os.mkdir(f"{root}/p/sub/{number}")
    os.symlink("../../../data", f"{root}/p/sub/99/late")
    assert remarks(root) == []
