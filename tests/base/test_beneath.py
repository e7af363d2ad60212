"""Files below a directory that others change: no link leads out of it, whatever is exchanged."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from buildd.base.beneath import DEEPEST, FileTree
from buildd.base.open_directory import open_destination, open_directory
from buildd.base.safe_open import NotAFileError
from tests.support.exchange import exchanged_for_ever


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory with files, and beside it one that is nobody's business."""
    made = Path(os.path.realpath(tmp_path), "root")
    (made / "a/b").mkdir(parents=True)
    (made / "a/b/file").write_text("mine")
    (made / "top").write_text("top")
    secret = made.parent / "secret"
    (secret / "b").mkdir(parents=True)
    (secret / "b/file").write_text("somebody's")
    (secret / "file").write_text("somebody's")
    return made


@pytest.fixture
def tree(root: Path) -> Iterator[FileTree]:
    with FileTree(str(root)) as opened:
        yield opened


def test_files_are_read_by_their_paths(tree: FileTree) -> None:
    for path, content in (("a/b/file", "mine"), ("top", "top"), ("a/b/file", "mine")):
        with tree.open(path) as file:
            assert file.read() == content.encode()
    assert [name for name, _ in tree.entries()] == ["a", "top"]
    assert [path for path, _ in tree.below()] == ["a", "top", "a/b", "a/b/file"]
    status = tree.status("a")
    assert status
    assert stat.S_ISDIR(status.st_mode)
    assert tree.status("") is not None
    assert tree.status("missing/file") is None


READS: list[Callable[[FileTree, str], object]] = [
    FileTree.open,
    lambda tree, path: tree.target(path),
    lambda tree, path: tree.entries(path),
]
WRITES: list[Callable[[FileTree, str], object]] = [
    FileTree.create,
    FileTree.make_directory,
    FileTree.remove,
    lambda tree, path: tree.link(path, "anywhere"),
    lambda tree, path: tree.rename(path, "other"),
]


@pytest.mark.parametrize("use", [*READS, *WRITES])
@pytest.mark.parametrize("target", ["../secret", "/nowhere", "b"])
def test_a_link_on_the_way_is_not_followed(
    root: Path, tree: FileTree, use: Callable[[FileTree, str], object], target: str
) -> None:
    (root / "a/link").symlink_to(target)
    with pytest.raises(NotADirectoryError) as caught:
        use(tree, "a/link/b/file")
    assert caught.value.filename == str(root / "a/link")
    assert tree.status("a/link/b/file") is None
    assert sorted(os.listdir(root.parent / "secret")) == ["b", "file"]


@pytest.mark.parametrize("path", ["../secret/file", "a/../top", "/etc/passwd", "a//b", ".", "a\0"])
def test_a_path_that_leaves_the_tree_is_none(tree: FileTree, path: str) -> None:
    for use in (*READS, *WRITES):
        with pytest.raises(OSError, match="no path in a directory"):
            use(tree, path)


def test_only_regular_files_are_opened_and_nobody_waits(root: Path, tree: FileTree) -> None:
    (root / "link").symlink_to("top")
    os.mkfifo(root / "pipe")
    for name in ("link", "pipe", "a"):
        with pytest.raises(NotAFileError) as caught:
            tree.open(name)
        assert caught.value.filename == str(root / name)
    assert tree.read("pipe", 10) is None
    assert tree.read("top", 2) is None, "it is longer"
    assert tree.read("top", 3) == b"top"
    assert tree.target("link") == "top"


def test_new_files_never_go_through_what_is_there(root: Path, tree: FileTree) -> None:
    os.close(tree.create("new/deep/file", 0o600))
    assert (root / "new/deep/file").stat().st_size == 0
    (root / "link").symlink_to(root.parent / "secret/new")
    with pytest.raises(FileExistsError):
        tree.create("link")
    assert not (root.parent / "secret/new").exists()
    tree.remove("link")
    tree.link("new/link", "../top")
    tree.rename("new/link", "other")
    assert tree.target("new/other") == "../top"


def test_a_second_name_is_only_given_to_a_regular_file(root: Path, tree: FileTree) -> None:
    (root / "link").symlink_to("top")
    os.mkfifo(root / "pipe")
    with FileTree(str(root / "a")) as other:
        assert other.hard_link("deep/second", tree, "top")
        assert (root / "a/deep/second").stat().st_ino == (root / "top").stat().st_ino
        for name in ("link", "pipe", "a", "missing"):
            assert not other.hard_link("deep/third", tree, name)
        assert [name for name, _ in other.entries("deep")] == ["second"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("a/b", "a/b/file"),
        ("./a/../a/b", "a/b/file"),
        ("{root}/a/b", "a/b/file"),
        ("other", "a/b/file"),
        ("../secret/b", None),
        ("/etc", None),
        ("{root}-b", None),
        ("link", None),
    ],
)
def test_a_link_is_followed_where_one_asks_as_far_as_it_stays(
    root: Path, tree: FileTree, target: str, expected: str | None
) -> None:
    (root / "other").symlink_to("a/b")
    (root / "link").symlink_to(target.format(root=root))
    assert tree.resolved("link/file") == expected
    assert tree.resolved("other") == "other", "the last one may be a link"
    assert tree.resolved("a/./b/file") == "a/b/file"
    assert tree.resolved("../top") is None


def test_directories_in_directories_have_an_end(root: Path, tree: FileTree) -> None:
    at = os.open(root, os.O_RDONLY)
    for _ in range(DEEPEST + 2):
        os.mkdir("d", dir_fd=at)
        inner = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    with pytest.raises(OSError, match="more than 256 directories"):
        list(tree.below())


def test_the_root_itself_is_no_link(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    for path in (root.parent / "link", root.parent / "link/a"):
        with pytest.raises(NotADirectoryError) as caught:
            FileTree(str(path))
        assert caught.value.filename == str(path)
    os.close(open_directory("/"))


def test_a_directory_that_is_exchanged_for_a_link_all_the_time(root: Path) -> None:
    (root / "other").symlink_to(root.parent / "secret")
    seen = set()
    with exchanged_for_ever(str(root / "a"), str(root / "other")):
        for _ in range(2000):
            with FileTree(str(root)) as tree:
                seen.add(tree.read("a/b/file", 100))
                with pytest.raises(OSError):  # noqa: PT011 (which one, is chance)
                    tree.create("a/b")
    assert seen <= {b"mine", None}


# --- a directory to write in that the user has named


def written(path: Path, *shared: Path, make: bool = False) -> str:
    """Where a file lands that is made in what is opened."""
    fd = open_destination(str(path), map(str, shared), make=make)
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    finally:
        os.close(fd)


def test_a_destination_is_where_the_users_own_links_lead(root: Path) -> None:
    (root.parent / "link").symlink_to("root/a")
    assert written(root.parent / "link/b") == str(root / "a/b")
    assert written(root.parent / "link/../a/./b", root) == str(root / "a/b")
    assert written(root / "new/deep", root, make=True) == str(root / "new/deep")
    with pytest.raises(FileNotFoundError):
        written(root / "missing")


@pytest.mark.parametrize("target", ["../secret", "/etc", "a", "new"])
def test_a_link_in_what_is_shared_leads_nowhere(root: Path, target: str) -> None:
    (root / "link").symlink_to(target)
    (root.parent / "way").symlink_to("root/link")
    for path in (root / "link", root / "link/deep", root.parent / "way", root / "a/../link"):
        with pytest.raises(OSError, match="symbolic link") as caught:
            written(path, root, make=True)
        assert caught.value.filename == str(root / "link")
    assert written(root / "a", root) == str(root / "a")


def test_links_that_lead_to_each_other(root: Path) -> None:
    (root / "x").symlink_to("y")
    (root / "y").symlink_to("x")
    with pytest.raises(OSError, match="symbolic link"):
        written(root / "x")
