"""What of git's a project sees of the host, and what it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.repository import GitNeeds, needed
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
    return needed(path, environment, checkouts(path)).mounts


def of(path: str, target: str = "", *mounts: Mount) -> GitNeeds:
    environment = Environment(name="build", project_target=target or path, mounts=mounts)
    return needed(path, environment, checkouts(path))


def worktree(root: str, name: str = "tree") -> str:
    make_repository(f"{root}/main")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/{name}")
    return f"{root}/{name}"


def test_an_ordinary_repository_needs_nothing(root: str) -> None:
    make_repository(f"{root}/main")
    assert repository(f"{root}/main") == ()
    assert of(f"{root}/main") == GitNeeds()


def test_a_worktree_sees_its_repository_and_says_so_before_anybody_consents(root: str) -> None:
    tree = worktree(root)
    mount = Mount(source=f"{root}/main/.git", target=f"{root}/main/.git")
    assert repository(tree) == (mount,)
    project = load.load(tree)
    line = f"    sees {root}/main/.git at {root}/main/.git, MAY WRITE TO IT"
    assert f"{line}: this project's own repository" in consent.summary(project)
    assert consent.grants(project) == (), "it is the project's own"
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
    assert of(tree).mounts == (Mount(source=source, target=source),)


def test_a_worktree_at_another_path_would_be_moved_by_git(root: str) -> None:
    found = of(worktree(root), "/src")
    assert found.mounts == ()
    assert "Leave out `mount`" in found.remarks[0]


def test_a_submodule_sees_its_own_part_of_the_repository_above(root: str) -> None:
    make_repository(f"{root}/library")
    make_repository(f"{root}/main")
    git(f"{root}/main", "submodule", "--quiet", "add", f"{root}/library", "lib")
    source = f"{root}/main/.git/modules/lib"
    path = f"{root}/main/lib"
    assert of(path).mounts == (Mount(source=source, target=source),)
    assert of(path, "/src/lib").mounts == (Mount(source=source, target="/src/.git/modules/lib"),)
    found = of(path, "/src/app")
    assert found.mounts == ()
    assert "looks for it at /src/lib, not at /src/app" in found.remarks[0]


def test_submodules_of_a_worktree_come_with_its_repository(root: str) -> None:
    make_repository(f"{root}/library")
    make_repository(f"{root}/main")
    git(f"{root}/main", "submodule", "--quiet", "add", f"{root}/library", "lib")
    git(f"{root}/main", "commit", "-q", "-m", "with it")
    git(f"{root}/main", "worktree", "add", "-q", f"{root}/tree")
    git(f"{root}/tree", "submodule", "--quiet", "update", "--init")
    assert [mount.source for mount in of(f"{root}/tree").mounts] == [f"{root}/main/.git"]


def test_what_the_user_mounts_is_not_mounted_again(root: str) -> None:
    tree = worktree(root)
    assert of(tree, "", Mount(source=f"{root}/main", target=f"{root}/main")) == GitNeeds()


def test_a_repository_that_is_gone_is_said_and_does_no_harm(root: str) -> None:
    tree = worktree(root)
    os.rename(f"{root}/main", f"{root}/moved")
    assert repository(tree) == ()
    (remark,) = of(tree).remarks
    assert f"{tree}/.git leads to {root}/main/.git/worktrees/tree, which does not exist" in remark
    assert "git worktree repair" in remark


def test_what_does_not_name_the_project_is_not_mounted_but_offered(root: str) -> None:
    make_repository(f"{root}/secret")
    plant(root, {"p/buildd.toml": TOML, "p/.git": "gitdir: ../secret/.git\n"})
    assert repository(f"{root}/p") == ()
    (remark,) = of(f"{root}/p").remarks
    line = f'mounts = [{{ source = "{root}/secret/.git", target = "{root}/secret/.git" }}]'
    assert "does not name this directory as its own" in remark
    assert line in remark


def test_what_can_be_written_inside_vouches_for_nothing(root: str) -> None:
    """A project that names its own `worktrees` directory would be shown what holds the project."""
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
    assert checkouts(path)[0].is_own, "by its own word"
    assert repository(path) == ()


def test_what_a_writable_mount_holds_vouches_for_nothing_either(root: str) -> None:
    tree = worktree(root)
    inner = Mount(source=f"{root}/main/.git/worktrees", target="/worktrees")
    assert of(tree, "", inner).mounts == ()
    assert of(tree, "", Mount(source=inner.source, target="/w", read_only=True)).mounts


def test_worktrees_in_a_bare_repository_do_not_show_each_other(root: str) -> None:
    make_repository(f"{root}/main")
    git(root, "clone", "-q", "--bare", f"{root}/main", f"{root}/bare")
    git(f"{root}/bare", "worktree", "add", "-q", f"{root}/bare/tree")
    found = of(f"{root}/bare/tree")
    assert found.mounts == ()
    assert "holds this directory, too" in found.remarks[0]


def test_the_host_needs_nothing(root: str) -> None:
    tree = worktree(root)
    Path(tree, "buildd.toml").write_text('[environments.build]\nengine = "host"\n')
    assert repository(tree) == ()


def test_the_source_of_a_mount_is_where_its_link_leads(root: str) -> None:
    plant(root, {"secret/": ""})
    os.symlink(f"{root}/secret", f"{root}/main/data")
    text = TOML + 'mounts = [{ source = "data", target = "/data" }]\n'
    Path(root, "main/buildd.toml").write_text(text)
    project = load.load(f"{root}/main")
    mount = Mount(source=f"{root}/secret", target="/data")
    assert project.environments["build"].mounts == (mount,)
    assert f"{root}/main/data" in project.files
    assert [grant.name for grant in consent.grants(project)] == ["host-paths"]


def test_git_left_open_must_be_granted_by_name(root: str) -> None:
    Path(root, "main/buildd.toml").write_text(f"{TOML}protect-git = false\n")
    project = load.load(f"{root}/main")
    assert [grant.name for grant in consent.grants(project)] == ["git-configuration"]
    assert any("MAY WRITE GIT'S HOOKS" in line for line in consent.summary(project))


def test_objects_that_are_borrowed_from_elsewhere_are_offered(root: str) -> None:
    make_repository(f"{root}/main")
    git(root, "clone", "-q", "--shared", f"{root}/main", f"{root}/clone")
    objects = f"{root}/main/.git/objects"
    (remark,) = of(f"{root}/clone").remarks
    assert f"borrows those of {objects}, which is not seen" in remark
    assert (
        f'mounts = [{{ source = "{objects}", target = "{objects}", read-only = true }}]' in remark
    )
    mount = Mount(source=objects, target=objects, read_only=True)
    assert of(f"{root}/clone", "", mount) == GitNeeds()
