"""These tests use git in a container: worktrees, submodules, and files that are read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.git import git, make_repository
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Make = Callable[..., ProjectFiles]
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]
Run = Callable[[str], Done]

TOML = f'[environments.build]\nimage = "{IMAGE}"\n'


@pytest.fixture
def main(make_project: Make) -> ProjectFiles:
    """Make a repository that is a project."""
    project = make_project({"buildd.toml": ""}, engine="docker", trust=False)
    make_repository(project.path)
    return project


@pytest.fixture
def inside(command: Command, daemon: Daemon, main: ProjectFiles) -> Callable[..., Done]:
    """Return a function that runs shell code in a project's environment, by default `main`."""

    def run(line: str, path: str = main.path) -> Done:
        return command("exec", "--", "sh", "-c", line, cwd=path)

    return run


def trusted(daemon: Daemon, path: str) -> str:
    daemon.remember(path)
    daemon.trust(path)
    return path


COMMIT = "echo more >file && git add file && git commit -qm second && git log --format=%s"


def test_a_commit_works_but_hooks_and_configuration_are_read_only(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon
) -> None:
    shutil.rmtree(main.file(".git/hooks"))  # a missing directory is protected too
    trusted(daemon, main.path)
    assert inside(COMMIT).stdout == "second\nfirst\n"
    assert os.stat(main.file(".git/hooks")).st_uid == os.getuid()
    assert git(main.path, "log", "--format=%s") == "second\nfirst\n"
    before = main.read(".git/config")
    for attack in (
        "echo x >>.git/config",
        "git config a.b c",
        "rm -f .git/config",
        "mv .git/config .git/other",
        "echo x >.git/hooks/pre-commit",
        "rm -rf .git/hooks && mkdir .git/hooks",
        "mv .git .moved",
    ):
        result = inside(f"{{ {attack}; }} 2>&1")
        assert result.returncode, attack
        assert "Read-only file system" in result.stdout or "busy" in result.stdout, attack
    assert main.read(".git/config") == before
    assert not os.path.exists(main.file(".git/config.lock"))
    assert not os.path.exists(main.file(".git/hooks/pre-commit"))
    assert git(main.path, "status", "--short") == "", "the check of the mount leaves no file"


def test_a_repository_that_is_created_later_is_guarded(
    make_project: Make, command: Command, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": ""}, engine="docker")
    assert command("exec", "true", cwd=project.path).returncode == 0
    make_repository(project.path)
    result = command("exec", "--", "sh", "-c", "echo x >>.git/config", cwd=project.path)
    assert "Read-only" in result.stderr


def test_git_on_the_host_may_write_and_the_next_run_has_the_guard_again(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon, command: Command
) -> None:
    trusted(daemon, main.path)
    assert inside("touch /tmp/kept; echo x >>.git/config").returncode
    for value in ("1", "2", "3"):
        git(main.path, "config", "from.host", value)
    assert inside("git config from.host").stdout == "3\n"
    assert inside("echo x >>.git/config").returncode
    assert inside("test -e /tmp/kept").returncode == 0, "the container is the same"
    # A file that redirects git to another configuration cannot be prevented, but is reported.
    assert inside("echo ../evil >.git/commondir; mkdir evil").returncode == 0
    assert inside("true").returncode == 0
    assert "git obeys the configuration in ../evil" in command("status", cwd=main.path).stdout


def test_a_run_under_way_goes_on_without_the_guard_and_status_says_so(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon
) -> None:
    trusted(daemon, main.path)
    client = daemon.connect()
    assert inside("mkfifo wait").returncode == 0
    params = {"directory": main.path, "terminal": "", "stdin": False}
    number = client.start(
        "buildd/exec", project=main.path, command=["sh", "-c", "read x <wait; exit 7"], **params
    )
    ready = client.wait_for(lambda message: message.get("method") == "buildd/ready")["params"]
    outputs = [os.open(ready[name], os.O_RDONLY) for name in ("stdout", "stderr")]
    git(main.path, "config", "from.host", "1")
    assert inside("true").returncode == 0
    (environment,) = client.request("buildd/status", project=main.path)["projects"][0][
        "environments"
    ]
    assert "git's configuration has changed" in environment["remarks"][0]
    assert inside("echo >wait").returncode == 0
    assert client.result(number)["run"]["exitStatus"] == 7
    for fd in outputs:
        os.close(fd)
    assert inside("echo x >>.git/config").returncode


def test_protect_git_false_leaves_git_s_files_writable(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon
) -> None:
    main.write("buildd.toml", f"{TOML}protect-git = false\n")
    trusted(daemon, main.path)
    assert inside("git config from.inside 1").returncode == 0
    assert git(main.path, "config", "from.inside") == "1\n"


def test_a_worktree_commits_to_its_repository(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon
) -> None:
    tree, other = f"{main.path}-tree", f"{main.path}-other"
    git(main.path, "worktree", "add", "-q", "-b", "topic", tree)
    git(main.path, "worktree", "add", "-q", "-b", "other", other)
    trusted(daemon, tree)
    assert inside(COMMIT, tree).stdout == "second\nfirst\n"
    assert git(main.path, "log", "-1", "--format=%s", "topic") == "second\n"
    for attack in (
        f"echo x >>{main.path}/.git/config",
        f"echo x >{main.path}/.git/hooks/pre-commit",
        f"echo x >{main.path}/.git/worktrees/other/commondir",
        f"echo ../../evil >{main.path}/.git/worktrees/{os.path.basename(tree)}/commondir",
        "rm -f .git && mkdir .git",
        f"ls {main.path}/buildd.toml",
    ):
        assert inside(attack, tree).returncode, attack
    # The container does not have the other worktrees, but git there does not remove them.
    inside("git worktree prune; git gc -q", tree)
    assert git(other, "status", "--short") == ""
    assert git(tree, "status", "--short") == ""


def test_a_worktree_whose_repository_is_gone_still_builds_and_says_so(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon, command: Command
) -> None:
    tree = f"{main.path}-tree"
    git(main.path, "worktree", "add", "-q", tree)
    trusted(daemon, tree)
    os.rename(main.path, f"{main.path}-away")
    result = inside("echo built", tree)
    assert result.stdout == "built\n", result.stderr
    status = command("status", cwd=tree).stdout
    assert "which does not exist" in status
    assert "git worktree repair" in status
    os.rename(f"{main.path}-away", main.path)
    assert inside("git log --format=%s", tree).stdout == "first\n", "it is back"


def test_a_submodule_of_the_project_is_guarded_and_commits(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon, directory: str
) -> None:
    make_repository(f"{directory}/library")
    git(main.path, "submodule", "--quiet", "add", f"{directory}/library", "lib")
    git(main.file("lib"), "config", "user.name", "Somebody")
    git(main.file("lib"), "config", "user.email", "somebody@example.org")
    trusted(daemon, main.path)
    assert inside(f"cd lib && {COMMIT}").stdout == "second\nfirst\n"
    for attack in (
        "cd lib && git config a.b c",
        "echo x >.git/modules/lib/hooks/pre-commit",
        "mv .git/modules/lib .git/modules/moved",
        "echo gitdir: ../evil >lib/.git",
    ):
        assert inside(attack).returncode, attack


def test_a_project_that_is_a_submodule_has_its_repository(
    main: ProjectFiles, inside: Callable[..., Done], daemon: Daemon, directory: str
) -> None:
    make_repository(f"{directory}/library")
    git(main.path, "submodule", "--quiet", "add", f"{directory}/library", "lib")
    Path(main.file("lib/buildd.toml")).write_text(f'{TOML}mount = "/src/lib"\n')
    path = trusted(daemon, main.file("lib"))
    assert inside("git log --format=%s", path).stdout == "first\n"
    assert inside("git config a.b c", path).returncode
