"""A copy of a project's files: as committed, under version control, or as they are."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from buildd.errors import BuilddError
from buildd.trials.checkout import (
    CheckoutCopy,
    CheckoutSource,
    check_out,
    duplicate,
    repository,
    strays,
)
from tests.support.git import commit, git, make_repository


def write(directory: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def tree(directory: str | Path) -> dict[str, str]:
    """Every file below, git's own left out, with its content or where its link leads."""
    found = {}
    for folder, folders, files in os.walk(directory):
        folders[:] = [name for name in folders if name != ".git"]
        for name in (*files, *folders):
            path = Path(folder, name)
            relative = str(path.relative_to(directory))
            if path.is_symlink():
                found[relative] = f"-> {path.readlink()}"
            elif path.is_file():
                found[relative] = path.read_text()
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose working tree is in every way another than its commit."""
    made = tmp_path / "project"
    write(
        made,
        {
            "kept": "1",
            "changed": "1",
            "deleted": "1",
            "was-directory/file": "1",
            "was-file": "1",
            ".gitignore": "*.o\n/build/\n",
        },
    )
    make_repository(str(made))
    git(str(made), "tag", "v1")
    (made / "deleted").unlink()
    (made / "was-directory/file").unlink()
    (made / "was-directory").rmdir()
    (made / "was-file").unlink()
    write(
        made,
        {
            "changed": "2",
            "added": "2",
            "new": "2",
            "was-directory": "2",
            "was-file/file": "2",
            "a.o": "2",
            "build/x": "2",
        },
    )
    git(str(made), "add", "added")
    return made


COMMITTED = {
    "kept": "1",
    "changed": "1",
    "deleted": "1",
    "was-directory/file": "1",
    "was-file": "1",
    ".gitignore": "*.o\n/build/\n",
}

TRACKED = {
    "kept": "1",
    "changed": "2",
    "added": "2",
    ".gitignore": "*.o\n/build/\n",
}

PRESENT = {**TRACKED, "new": "2", "was-directory": "2", "was-file/file": "2"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CheckoutSource.COMMIT, COMMITTED),
        (CheckoutSource.TRACKED, TRACKED),
        (CheckoutSource.PRESENT, PRESENT),
    ],
)
def test_each_source_has_its_files(
    project: Path, tmp_path: Path, source: CheckoutSource, expected: dict[str, str]
) -> None:
    before = tree(project)
    made = check_out(str(project), str(tmp_path / "copy"), source)
    assert tree(made.root) == expected
    assert git(made.root, "describe", "--tags") == "v1\n"
    assert tree(project) == before
    assert tree(duplicate(made, str(tmp_path / "second")).root) == expected


def test_links_are_copied_and_never_followed(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    write(project, {"directory/file": "mine", "link": ""})
    write(elsewhere, {"file": "somebody's"})
    make_repository(str(project))
    (project / "directory/file").unlink()
    (project / "directory").rmdir()
    (project / "directory").symlink_to(elsewhere)
    (project / "link").unlink()
    (project / "link").symlink_to("nowhere")
    for source in CheckoutSource.PRESENT, CheckoutSource.TRACKED:
        made = check_out(str(project), str(tmp_path / source), source)
        assert tree(made.root).get("directory/file") is None
        assert tree(made.root)["link"] == "-> nowhere"
    git(str(project), "add", "--all")
    made = check_out(str(project), str(tmp_path / "staged"), CheckoutSource.TRACKED)
    assert tree(made.root) == {"directory": f"-> {elsewhere}", "link": "-> nowhere"}
    assert tree(elsewhere) == {"file": "somebody's"}


def test_submodules_are_as_far_as_they_are_checked_out(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    write(inner, {"file": "1"})
    make_repository(str(inner))
    write(outer, {"main": "1"})
    make_repository(str(outer))
    for name in "here", "absent":
        git(str(outer), "submodule", "add", "--quiet", str(inner), name)
    git(str(outer), "commit", "--quiet", "--message", "submodules")
    git(str(outer), "submodule", "deinit", "--quiet", "--force", "absent")
    write(outer, {"here/file": "2", "here/new": "2"})

    committed = check_out(str(outer), str(tmp_path / "committed"), CheckoutSource.COMMIT)
    assert tree(committed.root)["here/file"] == "1"
    assert not [name for name in tree(committed.root) if name.startswith("absent")]
    present = check_out(str(outer), str(tmp_path / "present"), CheckoutSource.PRESENT)
    assert tree(present.root)["here/file"] == tree(present.root)["here/new"] == "2"


def test_a_part_of_a_repository_comes_with_the_whole(project: Path, tmp_path: Path) -> None:
    write(project, {"part/file": "1"})
    commit(str(project))
    part = str(project / "part")
    made = check_out(part, str(tmp_path / "copy"), CheckoutSource.COMMIT)
    assert made.path(part) == str(tmp_path / "copy/part")
    assert made.path(f"{project}-other/file") == f"{project}-other/file"
    assert made.path("/usr/include") == "/usr/include"
    assert repository(part) == str(project)
    assert tree(made.root) == tree(tmp_path / "copy")


def test_a_linked_worktree_is_copied_as_itself(project: Path, tmp_path: Path) -> None:
    commit(str(project))
    linked = tmp_path / "linked"
    git(str(project), "worktree", "add", "--quiet", "--detach", str(linked), "v1")
    made = check_out(str(linked), str(tmp_path / "copy"), CheckoutSource.COMMIT)
    assert tree(made.root) == COMMITTED


def test_what_git_lfs_has_left_out_is_said(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    attributes = "*.bin filter=lfs\n"
    made = tmp_path / "project"
    write(made, {".gitattributes": attributes, "a.bin": pointer, "b.bin": "1", "c": pointer})
    make_repository(str(made))
    root = tmp_path / "copy"
    root.mkdir()
    (remark,) = check_out(str(made), str(root), CheckoutSource.COMMIT).remarks
    assert remark.startswith("a.bin is only a Git LFS pointer in the clean checkout")


def test_what_git_lfs_has_fetched_is_there(tmp_path: Path) -> None:
    made, content = tmp_path / "project", b"large"
    digest = hashlib.sha256(content).hexdigest()
    lines = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 5\n"
    write(made, {".gitattributes": "*.bin filter=lfs -text\n", "a.bin": lines, "b.bin": lines})
    (made / "b.bin").write_text(lines.replace(digest, "1" * 64))
    (made / "a.bin").chmod(0o755)
    make_repository(str(made))
    for name, data in ((digest, content), ("1" * 64, b"something else")):
        place = made / f".git/lfs/objects/{name[:2]}/{name[2:4]}/{name}"
        place.parent.mkdir(parents=True)
        place.write_bytes(data)
    copy = check_out(str(made), str(tmp_path / "copy"), CheckoutSource.COMMIT)
    assert (tmp_path / "copy/a.bin").read_bytes() == content
    assert (tmp_path / "copy/a.bin").stat().st_mode & 0o100
    assert [remark.split()[0] for remark in copy.remarks] == ["b.bin"]


ATTRIBUTES = """\
*.txt text eol=crlf
wide working-tree-encoding=UTF-16LE-BOM
odd working-tree-encoding=ISO-2022-CN-EXT
"""


def test_files_are_written_as_their_attributes_say(tmp_path: Path) -> None:
    made = tmp_path / "project"
    write(made, {".gitattributes": ATTRIBUTES, "a.txt": "1\r\n2\r\n", "b": "1\n"})
    (made / "wide").write_bytes("\ufeff1".encode("utf-16-le"))
    make_repository(str(made))
    copy = check_out(str(made), str(tmp_path / "copy"), CheckoutSource.COMMIT)
    for name in ("a.txt", "b", "wide"):
        assert Path(copy.root, name).read_bytes() == (made / name).read_bytes()
    assert copy.remarks == ()
    write(made, {"odd": "1"})
    commit(str(made))
    copy = check_out(str(made), str(tmp_path / "other"), CheckoutSource.COMMIT)
    assert copy.remarks[0].startswith("odd is UTF-8 in the clean checkout, not ISO-2022-CN-EXT")
    assert Path(copy.root, "odd").read_text() == "1"
    assert git(copy.root, "check-attr", "text", "a.txt") == "a.txt: text: set\n"


@pytest.mark.parametrize("source", CheckoutSource)
def test_the_copy_s_git_tells_of_the_same_state(
    project: Path, tmp_path: Path, source: CheckoutSource
) -> None:
    git(str(project), "branch", "other", "v1")
    commit(str(project))
    git(str(project), "tag", "-a", "-m", "annotated", "v2")
    git(str(project), "gc", "--quiet")
    made = check_out(str(project), str(tmp_path / "clean"), source)
    git(made.root, "diff-index", "--quiet", "HEAD")
    for command in (
        ["describe", "--dirty"],
        ["log", "--format=%H %s"],
        ["show-ref"],
        ["ls-files", "--stage"],
        ["status", "--short"],
    ):
        assert git(made.root, *command) == git(str(project), *command)
    git(made.root, "fsck", "--strict")
    write(project, {"changed": "3"})
    made = check_out(str(project), str(tmp_path / "dirty"), source)
    dirty = "" if source is CheckoutSource.COMMIT else "-dirty"
    assert git(made.root, "describe", "--dirty") == f"v2{dirty}\n"


KINDS = {
    "sha256": ["init", "--quiet", "--object-format=sha256"],
    "version 4": ["update-index", "--index-version", "4"],
    "split": ["update-index", "--split-index"],
    "packed": ["pack-refs", "--all"],
    "sparse": ["sparse-checkout", "set", "--cone", "--sparse-index", "in"],
    "assumed": ["update-index", "--assume-unchanged", "out/file"],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("source", CheckoutSource)
def test_every_kind_of_repository(tmp_path: Path, kind: str, source: CheckoutSource) -> None:
    made = tmp_path / "project"
    files = {"in/file": "1", "out/file": "1", "out/deep/file": "1", "top": "1"}
    write(made, files)
    if "init" in KINDS[kind]:
        git(str(made), *KINDS[kind])
    make_repository(str(made))
    git(str(made), *KINDS[kind])
    if kind == "assumed":
        write(made, {"out/file": "2"})
    write(made, {"in/new": "1"})
    git(str(made), "add", "in/new")
    expected = files if source is CheckoutSource.COMMIT else {**files, "in/new": "1"}
    copy = check_out(str(made), str(tmp_path / "copy"), source)
    assert tree(copy.root) == expected
    assert git(copy.root, "status", "--short", "--untracked-files=no") == ""


def test_a_shallow_clone_stays_one(project: Path, tmp_path: Path) -> None:
    commit(str(project))
    clone = tmp_path / "clone"
    git(str(tmp_path), "clone", "--quiet", "--depth=1", f"file://{project}", str(clone))
    made = check_out(str(clone), str(tmp_path / "copy"), CheckoutSource.COMMIT)
    assert git(made.root, "log", "--format=%s") == "next\n"


IGNORED = {
    ".gitignore": "*.o\n!kept.o\n/build/\nlogs/*\n!logs/kept\ndoc/**/x\n",
    "a/.gitignore": "!b.o\nlocal\n",
    **dict.fromkeys(
        (
            "a/b.o",
            "a/local",
            "b.o",
            "kept.o",
            "build/kept.o",
            "a/build/x",
            "logs/1",
            "logs/kept",
            "doc/x",
            "doc/a/b/x",
            "doc/a/y",
            "excluded",
            "of-the-user",
            "nested/.git/HEAD",
            " blank",
            "ünï",
        ),
        "",
    ),
}


def test_what_is_ignored_is_what_git_ignores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, home = tmp_path / "project", tmp_path / "home"
    write(made, {"tracked.o": "", ".gitmodules": ""})
    make_repository(str(made))
    write(made, IGNORED)
    (made / "link").symlink_to("a")
    (made / ".git/info/exclude").write_text("excluded\n")
    write(home, {".gitconfig": "[core]\n\texcludesFile = ~/patterns\n", "patterns": "of-the-*\n"})
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    told = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=made,
        capture_output=True,
        check=True,
    ).stdout.decode()
    expected = {name for name in told.split("\0") if name}
    copy = check_out(str(made), str(tmp_path / "copy"), CheckoutSource.PRESENT)
    assert set(tree(copy.root)) - {"tracked.o", ".gitmodules"} == expected - {"nested/"}


def test_without_a_commit_there_is_only_what_is_present(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(project, {"file": "1", ".gitignore": "*.o\n", "a.o": "1", "folder/b.o": "1"})
    expected = {"file": "1", ".gitignore": "*.o\n"}
    with pytest.raises(BuilddError, match="not under version control"):
        check_out(str(project), str(tmp_path / "none"), CheckoutSource.COMMIT)
    assert repository(str(project)) == str(project)
    made = check_out(str(project), str(tmp_path / "plain"), CheckoutSource.PRESENT)
    assert tree(made.root) == expected
    git(str(project), "init", "--quiet")
    with pytest.raises(BuilddError, match="has no commit yet"):
        check_out(str(project), str(tmp_path / "none"), CheckoutSource.TRACKED)
    made = check_out(str(project), str(tmp_path / "unborn"), CheckoutSource.PRESENT)
    assert tree(made.root) == expected


def test_a_worktree_whose_repository_is_gone_is_told_from_none(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/.git/worktrees/w\n")
    with pytest.raises(BuilddError, match=r"leads to /nowhere/.*/w, which is no") as one:
        check_out(str(tmp_path), str(tmp_path / "copy"), CheckoutSource.COMMIT)
    assert "git worktree repair" in one.value.remedy


def test_neither_a_hook_nor_a_monitor_of_the_repository_is_run(
    project: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {told}\n")
    program.chmod(0o755)
    (project / ".git/hooks/post-checkout").symlink_to(program)
    git(str(project), "config", "core.fsmonitor", str(program))
    made = check_out(str(project), str(tmp_path / "copy"), CheckoutSource.TRACKED)
    assert strays(str(project), made.root) == ["a.o", "build/", "new", "was-directory", "was-file/"]
    assert not told.exists()


def test_what_a_run_has_made_is_no_stray(project: Path, tmp_path: Path) -> None:
    made = check_out(str(project), str(tmp_path / "copy"), CheckoutSource.TRACKED)
    write(Path(made.root), {"a.o": "another", "build/y": ""})
    assert strays(str(project), made.root) == ["build/x", "new", "was-directory", "was-file/"]


def test_a_repository_cannot_lead_to_other_files(project: Path, tmp_path: Path) -> None:
    git(str(project), "config", "core.worktree", str(tmp_path))
    for source in CheckoutSource:
        with pytest.raises(BuilddError, match="says that its files are in"):
            check_out(str(project), str(tmp_path / "copy"), source)


def test_a_hook_s_variables_do_not_lead_elsewhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    made = check_out(str(project), str(tmp_path / "copy"), CheckoutSource.COMMIT)
    monkeypatch.delenv("GIT_DIR")
    assert tree(made.root) == COMMITTED


def test_paths_in_what_was_found_are_the_original_s() -> None:
    copy = CheckoutCopy("/home/me/a \"b'", "/state/trials/1/files")
    text = b'{"file":"/state/trials/1/files/x.c","message":"in /state/trials/1/files/y"}'
    expected = (
        rb'{"file":"/home/me/a \"b' + b"'/x.c" + rb'","message":"in /home/me/a \"b' + b"'/y\"}"
    )
    assert copy.at_home(text) == expected
