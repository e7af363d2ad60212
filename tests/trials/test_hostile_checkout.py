"""Copies of a project whose files, and whose repository, somebody hostile has written."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from buildd.errors import BuilddError
from buildd.trials.checkout import CheckoutSource, check_out, duplicate, strays
from tests.support.exchange import exchanged_for_ever
from tests.support.git import commit, git, make_repository

SECRET = "somebody's"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


@pytest.fixture
def project(root: Path) -> Path:
    """A repository with two commits, of which the first is packed."""
    made = root / "project"
    (made / "folder").mkdir(parents=True)
    (made / "folder/file").write_text("mine")
    make_repository(str(made))
    git(str(made), "tag", "v1")
    git(str(made), "gc", "--quiet")
    (made / "second").write_text("mine")
    commit(str(made))
    return made


@pytest.fixture
def secret(root: Path) -> Path:
    """A repository of the user's that no container sees."""
    made = root / "secret"
    (made / "folder").mkdir(parents=True)
    (made / "folder/file").write_text(SECRET)
    make_repository(str(made))
    return made


@pytest.fixture
def program(root: Path) -> Path:
    """A program that tells that it was run, by making the file `told` beside it."""
    made = root / "program"
    made.write_text(f"#!/bin/sh\ntouch {root}/told\ncat\nexit 1\n")
    made.chmod(0o755)
    return made


def copies(project: Path, root: Path) -> list[str]:
    """The content of every file of every kind of copy that can be made; git's own left out."""
    found: list[str] = []
    for source in CheckoutSource:
        copy = root / f"copy-{source}"
        try:
            made = check_out(str(project), str(copy), source)
            check = duplicate(made, f"{copy}-second")
            strays(str(project), check.root)
        except BuilddError:
            pass
        found += [path.read_text(errors="replace") for path in regular(copy)]
        for made_here in (copy, Path(f"{copy}-second")):
            shutil.rmtree(made_here, ignore_errors=True)
    return found


def regular(directory: Path) -> Iterator[Path]:
    """The files below, without git's own; no link is followed."""
    for path in directory.rglob("*"):
        if ".git" not in path.parts and stat.S_ISREG(path.lstat().st_mode):
            yield path


# --- what git would run


def no_repository(project: Path, program: Path) -> None:
    """A repository that is a promise, where there was none."""
    shutil.rmtree(project / ".git")
    git(str(project), "init", "--quiet")
    promise(str(project), program)


def promise(directory: str, program: Path) -> None:
    for key, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://nowhere/there",
        "core.sshCommand": str(program),
    }.items():
        git(directory, "config", key, value)
    Path(git(directory, "rev-parse", "--absolute-git-dir").strip(), "HEAD").write_text("1" * 40)


def another_common_directory(project: Path, program: Path) -> None:
    git(str(project), "init", "--quiet", "--bare", "evil")
    promise(str(project / "evil"), program)
    (project / ".git/commondir").write_text("../evil\n")
    (project / ".git/HEAD").write_text("1" * 40)


def filter_of_a_submodule(project: Path, program: Path) -> None:
    inner = project / "inner"
    inner.mkdir()
    (inner / "file").write_text("1")
    os.utime(inner / "file", (10**9, 10**9))
    (inner / ".gitattributes").write_text("file filter=evil\n")
    make_repository(str(inner))
    commit(str(project))
    for kind in ("clean", "smudge"):
        git(str(inner), "config", f"filter.evil.{kind}", str(program))
    git(str(inner), "config", "core.trustctime", "false")
    # So that git must compare what it cannot tell from its times.
    (inner / "file").write_text("2")
    for path in (inner / "file", inner / ".git/index"):
        os.utime(path, (10**9, 10**9))


def filter_of_its_own(project: Path, program: Path) -> None:
    for name, kinds in {"evil": ("clean", "smudge", "process"), "lfs": ("smudge", "clean")}.items():
        for kind in kinds:
            git(str(project), "config", f"filter.{name}.{kind}", str(program))
    (project / ".gitattributes").write_text("second filter=evil\nfolder/file filter=lfs\n")
    (project / "second").write_text("racy")
    for path in (project / "second", project / ".git/index"):
        os.utime(path, (10**9, 10**9))


def hooks_and_monitors(project: Path, program: Path) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor"):
        (project / ".git/hooks").mkdir(exist_ok=True)
        (project / ".git/hooks" / name).symlink_to(program)
    for key in ("core.fsmonitor", "core.alternateRefsCommand", "uploadpack.packObjectsHook"):
        git(str(project), "config", key, str(program))
    git(str(project), "config", "extensions.worktreeConfig", "true")
    (project / ".git/config.worktree").write_text(f"[core]\n\tfsmonitor = {program}\n")
    (project / ".git/objects/info/alternates").write_text(f"{project}/.git/objects\n")


def a_git_of_its_own(project: Path, program: Path) -> None:
    (project / "bin").mkdir()
    shutil.copy(program, project / "bin/git")
    os.environ["PATH"] = f"{project}/bin:bin:{os.environ['PATH']}"


ATTACKS = [
    no_repository,
    another_common_directory,
    filter_of_a_submodule,
    filter_of_its_own,
    hooks_and_monitors,
    a_git_of_its_own,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_run_that_is_named_there(
    project: Path,
    program: Path,
    root: Path,
    attack: Callable[[Path, Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.chdir(project)
    attack(project, program)
    found = copies(project, root)
    assert not (root / "told").exists()
    if attack is not no_repository:
        assert "mine" in found


# --- what of the user's could come along


def objects_by_link(project: Path, secret: Path) -> None:
    shutil.rmtree(project / ".git/objects")
    (project / ".git/objects").symlink_to(secret / ".git/objects")


def objects_by_links(project: Path, secret: Path) -> None:
    for folder in (secret / ".git/objects").iterdir():
        if len(folder.name) == 2:
            shutil.rmtree(project / ".git/objects" / folder.name, ignore_errors=True)
            (project / ".git/objects" / folder.name).symlink_to(folder)


def objects_by_name(project: Path, secret: Path) -> None:
    for path in (secret / ".git/objects").glob("??/*"):
        place = project / ".git/objects" / path.parent.name
        place.mkdir(exist_ok=True)
        (place / path.name).symlink_to(path)


def borrowed_objects(project: Path, secret: Path) -> None:
    (project / ".git/objects/info/alternates").write_text(f"{secret}/.git/objects\n")


def borrowed_by_who_lends(project: Path, secret: Path) -> None:
    (project / "objects/info").mkdir(parents=True)
    (project / "objects/info/alternates").write_text(f"{secret}/.git/objects\n")
    (project / ".git/objects/info/alternates").write_text("../../objects\n")


def borrowed_by_link(project: Path, secret: Path) -> None:
    (project / "objects").symlink_to(secret / ".git/objects")
    (project / ".git/objects/info/alternates").write_text("../../objects\n")


def a_common_directory(project: Path, secret: Path) -> None:
    (project / ".git/commondir").write_text(f"{secret}/.git\n")


def a_link(project: Path, secret: Path) -> None:
    shutil.rmtree(project / ".git")
    (project / ".git").symlink_to(secret / ".git")


def a_file_that_leads_away(project: Path, secret: Path) -> None:
    shutil.rmtree(project / ".git")
    (project / ".git").write_text(f"gitdir: {secret}/.git\n")


@pytest.mark.parametrize(
    "attack",
    [
        objects_by_link,
        objects_by_links,
        objects_by_name,
        borrowed_objects,
        borrowed_by_who_lends,
        borrowed_by_link,
        a_common_directory,
        a_link,
        a_file_that_leads_away,
    ],
)
def test_no_objects_of_another_repository_come_along(
    project: Path, secret: Path, root: Path, attack: Callable[[Path, Path], None]
) -> None:
    known = git(str(secret), "rev-parse", "HEAD").strip()
    attack(project, secret)
    if (project / ".git").is_dir() and not (project / ".git").is_symlink():
        (project / ".git/HEAD").write_text(f"{known}\n")
    assert SECRET not in copies(project, root)


def test_objects_are_borrowed_where_the_user_says_so(
    secret: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = root / "shared"
    git(str(root), "clone", "--quiet", "--shared", str(secret), str(project))
    with pytest.raises(BuilddError, match="borrows objects from elsewhere") as caught:
        check_out(str(project), str(root / "copy"), CheckoutSource.COMMIT)
    assert f"set GIT_ALTERNATE_OBJECT_DIRECTORIES to {secret}/.git/objects" in str(caught.value)
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", f"{secret}/.git/objects")
    made = check_out(str(project), str(root / "copy"), CheckoutSource.COMMIT)
    assert Path(made.root, "folder/file").read_text() == SECRET
    monkeypatch.delenv("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    assert git(made.root, "log", "--format=%s") == "first\n", "it has them all"


@pytest.mark.parametrize("source", [CheckoutSource.TRACKED, CheckoutSource.PRESENT])
def test_a_directory_that_is_exchanged_for_a_link(
    project: Path, secret: Path, root: Path, source: CheckoutSource
) -> None:
    (project / "other").symlink_to(secret / "folder")
    (project / "new/deep").mkdir(parents=True)
    (project / "new/deep/file").write_text("mine")
    (secret / "deep").mkdir()
    (secret / "deep/file").write_text(SECRET)
    (project / "newer").symlink_to(secret)
    found = set()
    with (
        exchanged_for_ever(str(project / "folder"), str(project / "other")),
        exchanged_for_ever(str(project / "new"), str(project / "newer")),
    ):
        for number in range(40):
            copy = root / f"copy-{number}"
            try:
                made = check_out(str(project), str(copy), source)
                duplicate(made, f"{copy}-second")
            except BuilddError:
                continue
            found |= {path.read_text(errors="replace") for path in regular(copy)}
    assert "mine" in found
    assert SECRET not in found


def test_a_submodule_that_is_a_link_is_left_out(project: Path, secret: Path, root: Path) -> None:
    known = git(str(secret), "rev-parse", "HEAD").strip()
    for name in ("inner", "deep/inner"):
        git(str(project), "update-index", "--add", "--cacheinfo", f"160000,{known},{name}")
    git(str(project), "commit", "--quiet", "--message", "submodules")
    (project / "inner").symlink_to(secret)
    (project / "deep").mkdir()
    (project / "deep/inner").mkdir()
    (project / "deep/inner/.git").write_text(f"gitdir: {secret}/.git\n")
    assert SECRET not in copies(project, root)
    (project / "deep/inner/.git").unlink()
    (project / "deep/inner").rmdir()
    assert copies(project, root).count("mine") == 6


# --- what makes us wait, or fails


WAITS = [
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    "folder/.gitignore",
    "second",
    "new",
    ".git/HEAD",
    ".git/config",
    ".git/index",
    ".git/packed-refs",
    ".git/shallow",
    ".git/refs/heads/main",
    ".git/refs/heads/other",
    ".git/info/exclude",
    ".git/info/attributes",
    ".git/objects/info/alternates",
    f".git/objects/pack/pack-{'1' * 40}.idx",
    f".git/objects/pack/pack-{'1' * 40}.pack",
    f".git/objects/11/{'1' * 38}",
]


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.parametrize("kind", ["pipe", "link", "directory"])
def test_nobody_waits_and_no_link_is_read(
    project: Path, secret: Path, root: Path, name: str, kind: str
) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(secret / "folder/file")
    else:
        path.mkdir()
    assert SECRET not in copies(project, root)


@pytest.mark.parametrize(
    "name", [".git/hooks", "../outside", ".GIT/config", "/etc/passwd", "folder/../x", "a//b", "."]
)
def test_an_index_that_names_what_is_gits_or_elsewhere(
    project: Path, root: Path, name: str
) -> None:
    (root / "outside").write_text(SECRET)
    (project / "x").write_text(SECRET)
    (project / ".git/hooks").mkdir(exist_ok=True)
    blob = git(str(project), "hash-object", "-w", "second").strip()
    plain = "p" * len(name)
    git(str(project), "update-index", "--add", "--cacheinfo", f"100644,{blob},{plain}")
    index = project / ".git/index"
    index.write_bytes(index.read_bytes().replace(plain.encode(), name.encode()))
    if name.lower().startswith(".git"):
        made = check_out(str(project), str(root / "copy"), CheckoutSource.TRACKED)
        assert sorted(os.listdir(made.root)) == [".git", "folder", "second"]
        assert not Path(made.root, ".git/hooks").exists()
    else:
        with pytest.raises(BuilddError, match="is no path in a directory"):
            check_out(str(project), str(root / "copy"), CheckoutSource.TRACKED)
        assert ".git" not in os.listdir(root / "copy")
    assert SECRET not in [path.read_text() for path in (root / "copy").rglob("x")]
    assert not list(root.glob("copy?*"))


@pytest.mark.parametrize(
    "content",
    [b"", b"DIRC", b"DIRC\0\0\0\x02\xff\xff\xff\xff", b"DIRC\0\0\0\x09\0\0\0\0", b"x" * 99],
)
def test_an_index_that_is_none_is_said(project: Path, root: Path, content: bytes) -> None:
    (project / ".git/index").write_bytes(content)
    with pytest.raises(BuilddError, match=r"index cannot be read: it .*`git reset`"):
        check_out(str(project), str(root / "copy"), CheckoutSource.TRACKED)
    assert os.listdir(root / "copy") == []
    assert not list(root.glob("copy?*"))
    check_out(str(project), str(root / "other"), CheckoutSource.COMMIT)


def test_replaced_objects_are_as_they_were(project: Path, root: Path) -> None:
    was = git(str(project), "rev-parse", "HEAD:second").strip()
    (root / "evil").write_text("evil")
    other = git(str(project), "hash-object", "-w", str(root / "evil")).strip()
    git(str(project), "replace", was, other)
    (project / ".git/info/grafts").write_text(git(str(project), "rev-parse", "HEAD"))
    assert "evil" not in copies(project, root)
    made = check_out(str(project), str(root / "copy"), CheckoutSource.COMMIT)
    assert git(made.root, "log", "--format=%s") == "next\nfirst\n"


def test_a_hole_stays_one(project: Path, root: Path) -> None:
    with (project / "second").open("ab") as file:
        file.truncate(1 << 40)
    made = check_out(str(project), str(root / "copy"), CheckoutSource.TRACKED)
    found = Path(made.root, "second").stat()
    assert (found.st_size, found.st_blocks < 100) == (1 << 40, True)


def test_a_program_does_not_run_as_another_elsewhere(project: Path, root: Path) -> None:
    (project / "second").chmod(0o6755)
    made = check_out(str(project), str(root / "copy"), CheckoutSource.TRACKED)
    assert stat.S_IMODE(Path(made.root, "second").stat().st_mode) == 0o755


def test_a_bomb_is_ended_by_a_limit(
    project: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trees of ten entries each, ten levels deep: 100,000,000,000 files of a few bytes."""
    monkeypatch.setattr("buildd.trials.git.MEMORY", 64 << 20)
    blob = git(str(project), "hash-object", "-w", "second").strip()
    tree = ""
    lines = "".join(f"100644 blob {blob}\tf{number}\n" for number in range(10))
    for _ in range(11):
        done = subprocess.run(
            ["git", "mktree"], cwd=project, input=lines, capture_output=True, text=True, check=True
        )
        tree = done.stdout.strip()
        lines = "".join(f"040000 tree {tree}\tf{number}\n" for number in range(10))
    bomb = git(str(project), "commit-tree", "-m", "bomb", tree).strip()
    (project / ".git/HEAD").write_text(f"{bomb}\n")
    with pytest.raises(BuilddError, match="git read-tree failed"):
        check_out(str(project), str(root / "copy"), CheckoutSource.COMMIT)
