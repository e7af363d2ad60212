"""Links that lead out of a project: which are told, and which remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.files import outside_links
from buildd.model import Mount


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A directory with a project `p`, a home `home`, and data beside them."""
    path = os.path.realpath(tmp_path)
    for name in ("p/sub", "home/.ssh", "home/.cache/tool", "home/work", "data"):
        os.makedirs(f"{path}/{name}")
    monkeypatch.setenv("HOME", f"{path}/home")
    return path


def told(root: str, *mounts: Mount, target: str = "") -> list[str]:
    own = Mount(source=f"{root}/p", target=target or f"{root}/p")
    return list(outside_links.remarks(f"{root}/p", [own, *mounts]))


@pytest.mark.parametrize("leads", ["{root}/data", "../data", "sub/../../data"])
def test_a_link_to_data_beside_the_project_is_offered_as_a_mount(root: str, leads: str) -> None:
    os.symlink(leads.format(root=root), f"{root}/p/data")
    (remark,) = told(root)
    assert remark == (
        f"{root}/p/data leads to {root}/data, which the environment does not see. If it should: "
        f'`mounts = [{{ source = "{root}/data", target = "{root}/data", read-only = true }}]`'
    )
    assert told(root, Mount(source=f"{root}/data", target=f"{root}/data")) == []


def test_a_relative_link_is_followed_from_where_the_project_is_seen(root: str) -> None:
    os.symlink("../../data", f"{root}/p/sub/data")
    (remark,) = told(root, target="/go/src/app")
    assert f'source = "{root}/data", target = "/go/src/data"' in remark
    assert (
        told(root, Mount(source=f"{root}/data", target="/go/src/data"), target="/go/src/app") == []
    )


@pytest.mark.parametrize(
    ("leads", "why"),
    [
        ("home", "holds your home directory"),
        ("", "holds your home directory"),
        ("home/.ssh", "keep your keys"),
        ("home/.cache/tool", ""),
        ("home/work", ""),
    ],
)
def test_what_should_not_be_mounted_is_not_offered(root: str, leads: str, why: str) -> None:
    os.symlink(f"{root}/{leads}", f"{root}/p/link")
    (remark,) = told(root)
    assert (why in remark, "mounts =" in remark) == (True, not why)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_is_not_offered(root: str) -> None:
    os.chown(f"{root}/data", 12345, 12345)
    os.symlink("../data", f"{root}/p/link")
    assert "That is not yours" in told(root)[0]


@pytest.mark.parametrize("leads", ["sub", "nowhere", "/nowhere", "/usr/bin/env", "/dev/null", "."])
def test_what_leads_nowhere_or_to_what_an_image_has_is_not_told(root: str, leads: str) -> None:
    os.symlink(leads, f"{root}/p/link")
    assert told(root) == []


def test_links_that_an_absolute_path_to_the_project_breaks_elsewhere_are_told(root: str) -> None:
    os.symlink(f"{root}/p/sub", f"{root}/p/link")
    assert told(root) == []
    (remark,) = told(root, target="/src")
    assert f'source = "{root}/p/sub", target = "{root}/p/sub"' in remark


def test_of_many_some_are_told_and_the_others_counted(root: str) -> None:
    for number in range(outside_links.TOLD + 3):
        os.symlink("../data", f"{root}/p/{number}")
    found = told(root)
    assert len(found) == outside_links.TOLD + 1
    assert found[-1].startswith("3 more links")


def test_it_does_not_go_round_in_circles_nor_on_for_ever(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.symlink("..", f"{root}/p/sub/up")
    assert told(root) == []
    monkeypatch.setattr(outside_links, "LOOKED_AT", 50)
    for number in range(100):
        os.mkdir(f"{root}/p/sub/{number}")
    os.symlink("../../../data", f"{root}/p/sub/99/late")
    assert told(root) == []
