"""These tests check which mounts protect git's hooks and configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.engines.git_guards import guard_mounts, guarded_files, have_changed
from buildd.files.git_layout import checkouts
from buildd.model import Mount
from tests.support.git import git, make_repository


@pytest.fixture
def main(tmp_path: Path) -> str:
    path = os.path.realpath(tmp_path / "main")
    make_repository(path)
    return path


def names(path: str, *mounts: Mount) -> dict[str, bool]:
    """Return the guarded files relative to `path`, with whether they are read-only."""
    guards = guard_mounts(checkouts(path), mounts or [Mount(source=path, target=path)])
    return {os.path.relpath(guard.source, path): guard.read_only for guard in guards}


def test_an_ordinary_repository(main: str) -> None:
    usual = {".git": False, ".git/hooks": True, ".git/config": True}
    assert names(main) == usual
    git(main, "worktree", "add", "-q", f"{main}-tree")
    Path(main, ".git/config.worktree").touch()
    assert names(main) == {**usual, ".git/worktrees": True, ".git/config.worktree": True}


def test_their_targets_are_below_the_project_s_target(main: str) -> None:
    guards = guard_mounts(checkouts(main), [Mount(source=main, target="/src")])
    targets = {guard.target for guard in guards}
    assert targets == {"/src/.git", "/src/.git/hooks", "/src/.git/config"}


def test_a_read_only_mount_needs_no_guard(main: str) -> None:
    own = Mount(source=main, target=main)
    closed = Mount(source=f"{main}/.git", target=f"{main}/.git", read_only=True)
    assert names(main, own, closed) == {}


def test_a_link_is_not_guarded(main: str) -> None:
    os.rename(f"{main}/.git/hooks", f"{main}/hooks")
    os.symlink("../hooks", f"{main}/.git/hooks")
    assert ".git/hooks" not in names(main)
    assert os.listdir(f"{main}/hooks"), "the hooks are unchanged"


def test_nothing_is_created_at_the_target_of_a_forged_link(main: str, tmp_path: Path) -> None:
    os.mkdir(tmp_path / "victim")
    os.mkdir(tmp_path / "forged")
    Path(tmp_path, "forged/.git").write_text("gitdir: ../victim\n")
    assert names(os.path.realpath(tmp_path / "forged")) == {".git": True}
    assert os.listdir(tmp_path / "victim") == []


def test_a_worktree_s_common_directory_is_guarded(main: str) -> None:
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
def test_a_replaced_file_is_detected(main: str, name: str) -> None:
    found = checkouts(main)
    files = guarded_files(main, found, guard_mounts(found, [Mount(source=main, target=main)]))
    git(main, "status")
    Path(main, ".git/hooks/new").touch()
    assert not have_changed(files)
    Path(main, ".git/new").write_text("")
    os.rename(f"{main}/.git/new", f"{main}/.git/{name}")
    assert have_changed(files)


def test_a_new_repository_is_detected(tmp_path: Path) -> None:
    files = guarded_files(str(tmp_path), [], [])
    assert not have_changed(files)
    make_repository(str(tmp_path))
    assert have_changed(files)
