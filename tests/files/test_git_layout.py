"""These tests find the git directories of repositories that git itself has made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from buildd.files.git_layout import Checkout, checkouts
from tests.support.git import git, make_repository


@pytest.fixture
def root(tmp_path: Path) -> str:
    return os.path.realpath(tmp_path)


def only(path: str) -> Checkout:
    (found,) = checkouts(path)
    return found


def test_an_ordinary_repository(root: str) -> None:
    make_repository(f"{root}/main")
    assert only(f"{root}/main") == Checkout(
        path=f"{root}/main", git=f"{root}/main/.git", common=f"{root}/main/.git", is_own=True
    )
    assert checkouts(root) == []


@pytest.mark.parametrize("relative", [False, True])
def test_a_worktree(root: str, relative: bool) -> None:
    make_repository(f"{root}/main")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/deep/tree")
    of_git = f"{root}/main/.git/worktrees/tree"
    link = of_git
    if relative:  # git 2.48 writes relative paths if worktree.useRelativePaths is set
        link = "../../main/.git/worktrees/tree"
        Path(f"{root}/deep/tree/.git").write_text(f"gitdir: {link}\n")
        Path(f"{of_git}/gitdir").write_text("../../../../deep/tree/.git\n")
    assert only(f"{root}/deep/tree") == Checkout(
        path=f"{root}/deep/tree", link=link, git=of_git, common=f"{root}/main/.git", is_own=True
    )


def test_submodules(root: str) -> None:
    make_repository(f"{root}/library")
    make_repository(f"{root}/main")
    git(f"{root}/main", "submodule", "--quiet", "add", f"{root}/library", "lib/a")
    main, library = checkouts(f"{root}/main")
    assert main.path == f"{root}/main"
    expected = Checkout(
        path=f"{root}/main/lib/a",
        link="../../.git/modules/lib/a",
        git=f"{root}/main/.git/modules/lib/a",
        common=f"{root}/main/.git/modules/lib/a",
        worktree="../../../../lib/a",
        is_own=True,
    )
    assert library == expected
    assert only(f"{root}/main/lib/a") == expected


def test_a_worktree_whose_repository_is_gone(root: str) -> None:
    make_repository(f"{root}/main")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/tree")
    shutil.rmtree(f"{root}/main")
    found = only(f"{root}/tree")
    assert (found.link, found.git, found.is_own) == (f"{root}/main/.git/worktrees/tree", "", False)


def test_a_git_directory_elsewhere_that_does_not_name_its_checkout(root: str) -> None:
    subprocess.run(
        ["git", "init", "-q", f"--separate-git-dir={root}/elsewhere", f"{root}/main"], check=True
    )
    found = only(f"{root}/main")
    assert (found.git, found.is_own) == (f"{root}/elsewhere", False)


def test_a_copied_worktree_file_is_not_the_checkout_s_own(root: str) -> None:
    make_repository(f"{root}/main")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/tree")
    os.mkdir(f"{root}/forged")
    shutil.copy(f"{root}/tree/.git", f"{root}/forged/.git")
    found = only(f"{root}/forged")
    assert (found.common, found.is_own) == (f"{root}/main/.git", False)


@pytest.mark.parametrize("common", ["../../../secret", "/", "../..", "../../..", "."])
def test_a_forged_worktree_does_not_vouch_for_what_is_elsewhere(root: str, common: str) -> None:
    os.makedirs(f"{root}/secret")
    forged = f"{root}/project/worktrees/x"
    os.makedirs(forged)
    Path(f"{root}/project/.git").write_text("gitdir: worktrees/x\n")
    Path(f"{forged}/gitdir").write_text(f"{root}/project/.git\n")
    Path(f"{forged}/commondir").write_text(f"{common}\n")
    assert not only(f"{root}/project").is_own


@pytest.mark.parametrize("content", ["", "gitdir: \n", "gitdir: a\nb\n", "rubbish", "gitdir: \0"])
def test_a_git_file_that_git_rejects_is_no_checkout(root: str, content: str) -> None:
    Path(f"{root}/.git").write_text(content)
    assert checkouts(root) == []


def test_a_named_pipe_and_a_dangling_link_do_not_block(root: str) -> None:
    os.mkfifo(f"{root}/.git")
    assert checkouts(root) == []
    os.unlink(f"{root}/.git")
    os.symlink("nowhere", f"{root}/.git")
    assert only(root).git == ""


def test_submodules_outside_the_checkout_are_ignored(root: str) -> None:
    make_repository(f"{root}/main")
    make_repository(f"{root}/other")
    os.symlink(f"{root}/other", f"{root}/main/link")
    names = ["../other", "link", "/etc", ".", "sub/../../other"]
    text = "".join(f'[submodule "{n}"]\n\tpath = {name}\n' for n, name in enumerate(names))
    Path(f"{root}/main/.gitmodules").write_text(text)
    assert [checkout.path for checkout in checkouts(f"{root}/main")] == [f"{root}/main"]
