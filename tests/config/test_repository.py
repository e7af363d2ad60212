"""These tests check which git directories outside the project are mounted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.repository import GitNeeds, git_needs
from buildd.config.trust import consent
from buildd.files.git_layout import checkouts
from buildd.model import Environment, Mount
from tests.config.support import plant
from tests.support.git import git, make_repository

TOML = '[environments.build]\nimage = "gcc:13"\n'


@pytest.fixture
def root(tmp_path: Path) -> str:
    return plant(str(tmp_path), {"main/buildd.toml": TOML})


def repository(path: str) -> tuple[Mount, ...]:
    environment = load.load(path).environments["build"]
    return git_needs(path, environment, checkouts(path)).mounts


def needs(path: str, target: str = "", *mounts: Mount) -> GitNeeds:
    environment = Environment(name="build", project_target=target or path, mounts=mounts)
    return git_needs(path, environment, checkouts(path))


def worktree(root: str, name: str = "tree") -> str:
    make_repository(f"{root}/main")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/{name}")
    return f"{root}/{name}"


def test_an_ordinary_repository_needs_nothing(root: str) -> None:
    make_repository(f"{root}/main")
    assert repository(f"{root}/main") == ()
    assert needs(f"{root}/main") == GitNeeds()


def test_a_worktree_s_repository_is_mounted_and_named_in_the_summary(root: str) -> None:
    tree = worktree(root)
    mount = Mount(source=f"{root}/main/.git", target=f"{root}/main/.git")
    assert repository(tree) == (mount,)
    project = load.load(tree)
    line = f"    CAN READ AND WRITE {root}/main/.git, at {root}/main/.git"
    assert f"{line}: this project's own repository" in consent.summary(project)
    assert consent.grants(project) == (), "the project's own repository needs no grant"
    assert f"{tree}/.git" in project.files
    before = consent.digest(project)
    os.rename(f"{root}/main", f"{root}/moved")
    git(f"{root}/moved", "worktree", "repair", tree)
    assert consent.digest(load.load(tree)) != before
    assert repository(tree)[0].source == f"{root}/moved/.git"


def test_a_worktree_with_relative_links(root: str) -> None:
    tree = worktree(root)
    Path(tree, ".git").write_text("gitdir: ../main/.git/worktrees/tree\n")
    Path(f"{root}/main/.git/worktrees/tree/gitdir").write_text("../../../../tree/.git\n")
    source = f"{root}/main/.git"
    assert needs(tree).mounts == (Mount(source=source, target=source),)


def test_a_worktree_at_another_path_would_be_moved_by_git(root: str) -> None:
    found = needs(worktree(root), "/src")
    assert found.mounts == ()
    assert "Remove `mount`" in found.remarks[0]


def test_a_submodule_s_git_directory_is_mounted(root: str) -> None:
    make_repository(f"{root}/library")
    make_repository(f"{root}/main")
    git(f"{root}/main", "submodule", "--quiet", "add", f"{root}/library", "lib")
    source = f"{root}/main/.git/modules/lib"
    path = f"{root}/main/lib"
    assert needs(path).mounts == (Mount(source=source, target=source),)
    assert needs(path, "/src/lib").mounts == (Mount(source=source, target="/src/.git/modules/lib"),)
    found = needs(path, "/src/app")
    assert found.mounts == ()
    assert "expects it at /src/lib, not at /src/app" in found.remarks[0]


def test_a_worktree_s_repository_contains_its_submodules(root: str) -> None:
    make_repository(f"{root}/library")
    make_repository(f"{root}/main")
    git(f"{root}/main", "submodule", "--quiet", "add", f"{root}/library", "lib")
    git(f"{root}/main", "commit", "-q", "-m", "with it")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/tree")
    git(f"{root}/tree", "submodule", "--quiet", "update", "--init")
    assert [mount.source for mount in needs(f"{root}/tree").mounts] == [f"{root}/main/.git"]


def test_a_directory_that_the_user_mounts_is_not_mounted_again(root: str) -> None:
    tree = worktree(root)
    assert needs(tree, "", Mount(source=f"{root}/main", target=f"{root}/main")) == GitNeeds()


def test_a_missing_repository_gives_a_remark(root: str) -> None:
    tree = worktree(root)
    os.rename(f"{root}/main", f"{root}/moved")
    assert repository(tree) == ()
    (remark,) = needs(tree).remarks
    assert f"{tree}/.git leads to {root}/main/.git/worktrees/tree, which does not exist" in remark
    assert "git worktree repair" in remark


def test_a_git_directory_that_does_not_name_the_project_is_only_offered(root: str) -> None:
    make_repository(f"{root}/secret")
    plant(root, {"p/buildd.toml": TOML, "p/.git": "gitdir: ../secret/.git\n"})
    assert repository(f"{root}/p") == ()
    (remark,) = needs(f"{root}/p").remarks
    line = f'mounts = [{{ source = "{root}/secret/.git", target = "{root}/secret/.git" }}]'
    assert "does not name this directory as its own" in remark
    assert line in remark


def test_a_git_directory_in_the_project_is_not_believed(root: str) -> None:
    """Let a project name its own `worktrees` directory, to get the directory that contains it."""
    plant(
        root,
        {
            "HEAD": "",
            "objects/": "",
            "refs/": "",
            "worktrees/p/buildd.toml": TOML,
            "worktrees/p/.git": "gitdir: .\n",
            "worktrees/p/gitdir": ".git\n",
            "worktrees/p/commondir": "../..\n",
        },
    )
    path = f"{root}/worktrees/p"
    assert checkouts(path)[0].is_own, "the files claim so"
    assert repository(path) == ()


def test_a_git_directory_in_a_writable_mount_is_not_believed(root: str) -> None:
    tree = worktree(root)
    inner = Mount(source=f"{root}/main/.git/worktrees", target="/worktrees")
    assert needs(tree, "", inner).mounts == ()
    assert needs(tree, "", Mount(source=inner.source, target="/w", read_only=True)).mounts


def test_a_bare_repository_around_its_worktrees_is_not_mounted(root: str) -> None:
    make_repository(f"{root}/main")
    git(root, "clone", "-q", "--bare", f"{root}/main", f"{root}/bare")
    git(f"{root}/bare", "worktree", "add", "-q", f"{root}/bare/tree")
    found = needs(f"{root}/bare/tree")
    assert found.mounts == ()
    assert "contains this directory" in found.remarks[0]


def test_the_host_engine_needs_no_mounts(root: str) -> None:
    tree = worktree(root)
    Path(tree, "buildd.toml").write_text('[environments.build]\nengine = "host"\n')
    assert repository(tree) == ()


def test_the_source_of_a_mount_is_the_target_of_its_link(root: str) -> None:
    plant(root, {"secret/": ""})
    os.symlink(f"{root}/secret", f"{root}/main/data")
    text = TOML + 'mounts = [{ source = "data", target = "/data" }]\n'
    Path(root, "main/buildd.toml").write_text(text)
    project = load.load(f"{root}/main")
    mount = Mount(source=f"{root}/secret", target="/data")
    assert project.environments["build"].mounts == (mount,)
    assert f"{root}/main/data" in project.files
    assert [grant.name for grant in consent.grants(project)] == ["host-paths"]


def test_unprotected_git_needs_a_grant(root: str) -> None:
    Path(root, "main/buildd.toml").write_text(f"{TOML}protect-git = false\n")
    project = load.load(f"{root}/main")
    assert [grant.name for grant in consent.grants(project)] == ["git-configuration"]
    assert any("CAN WRITE GIT'S HOOKS" in line for line in consent.summary(project))


def test_a_mount_of_another_repository_s_objects_is_offered(root: str) -> None:
    make_repository(f"{root}/main")
    git(root, "clone", "-q", "--shared", f"{root}/main", f"{root}/clone")
    objects = f"{root}/main/.git/objects"
    (remark,) = needs(f"{root}/clone").remarks
    assert f"uses those in {objects}, which is not mounted" in remark
    assert (
        f'mounts = [{{ source = "{objects}", target = "{objects}", read-only = true }}]' in remark
    )
    mount = Mount(source=objects, target=objects, read_only=True)
    assert needs(f"{root}/clone", "", mount) == GitNeeds()
