"""Which mounts keep git's hooks and configuration from being written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.engines.git_guards import guards, have_gone, identities
from buildd.files.git_layout import checkouts
from buildd.model import Mount
from tests.support.git import git, make_repository


@pytest.fixture
def main(tmp_path: Path) -> str:
    path = os.path.realpath(tmp_path / "main")
    make_repository(path)
    return path


def names(path: str, *mounts: Mount) -> dict[str, bool]:
    """Which of git's files are guarded (relative to `path`), and whether they are read only."""
    found = guards(checkouts(path), mounts or [Mount(source=path, target=path)])
    return {os.path.relpath(one.source, path): one.read_only for one in found}


def test_an_ordinary_repository(main: str) -> None:
    usual = {".git": False, ".git/hooks": True, ".git/config": True}
    assert names(main) == usual
    git(main, "worktree", "add", "-q", f"{main}-tree")
    Path(main, ".git/config.worktree").touch()
    assert names(main) == {**usual, ".git/worktrees": True, ".git/config.worktree": True}


def test_they_lie_where_the_project_is_seen(main: str) -> None:
    found = guards(checkouts(main), [Mount(source=main, target="/src")])
    assert {one.target for one in found} == {"/src/.git", "/src/.git/hooks", "/src/.git/config"}


def test_what_is_read_only_already_is_not_opened(main: str) -> None:
    own = Mount(source=main, target=main)
    closed = Mount(source=f"{main}/.git", target=f"{main}/.git", read_only=True)
    assert names(main, own, closed) == {}


def test_a_link_is_left_to_whoever_made_it(main: str) -> None:
    os.rename(f"{main}/.git/hooks", f"{main}/hooks")
    os.symlink("../hooks", f"{main}/.git/hooks")
    assert ".git/hooks" not in names(main)
    assert os.listdir(f"{main}/hooks"), "it is as it was"


def test_nothing_is_made_where_a_forged_link_leads(main: str, tmp_path: Path) -> None:
    os.mkdir(tmp_path / "victim")
    os.mkdir(tmp_path / "forged")
    Path(tmp_path, "forged/.git").write_text("gitdir: ../victim\n")
    assert names(os.path.realpath(tmp_path / "forged")) == {".git": True}
    assert os.listdir(tmp_path / "victim") == []


def test_a_worktree_shares_what_it_must_not_write(main: str) -> None:
    git(main, "worktree", "add", "-q", f"{main}-tree")
    tree = f"{main}-tree"
    mounts = [Mount(source=tree, target=tree), Mount(source=f"{main}/.git", target=f"{main}/.git")]
    inner = f"../main/.git/worktrees/{os.path.basename(tree)}"
    assert names(tree, *mounts) == {
        ".git": True,
        "../main/.git/hooks": True,
        "../main/.git/config": True,
        "../main/.git/worktrees": True,
        inner: False,
        f"{inner}/commondir": True,
    }


@pytest.mark.parametrize("name", ["config", "commondir"])
def test_another_file_in_the_place_is_noticed(main: str, name: str) -> None:
    found = checkouts(main)
    known = identities(main, found, guards(found, [Mount(source=main, target=main)]))
    git(main, "status")
    Path(main, ".git/hooks/new").touch()
    assert not have_gone(known)
    Path(main, ".git/new").write_text("")
    os.rename(f"{main}/.git/new", f"{main}/.git/{name}")
    assert have_gone(known)


def test_a_repository_that_appears_is_noticed(tmp_path: Path) -> None:
    known = identities(str(tmp_path), [], [])
    assert not have_gone(known)
    make_repository(str(tmp_path))
    assert have_gone(known)
