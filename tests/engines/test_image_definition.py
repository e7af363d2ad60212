"""These tests read image definitions and their digests from the disk."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from io import BufferedReader
from pathlib import Path

import pytest

from buildd.engines.image_definition import digest as definition
from buildd.engines.image_definition.digest import ImageSource, define
from buildd.errors import ImageError

FILES = {
    "Dockerfile": "FROM scratch\nARG DIR=lib\nCOPY needs.txt $DIR /all/\nCOPY docs/*.md /docs/\n",
    "needs.txt": "1",
    "lib/deep/a.c": "2",
    "lib/out/b.o": "3",
    "docs/one.md": "4",
    "docs/one.txt": "5",
    "other.txt": "6",
    "extra.cfg": "7",
    ".dockerignore": "**/*.o\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def source(root: Path, **more: object) -> ImageSource:
    return ImageSource(
        table="environments.build",
        dockerfile=f"{root}/Dockerfile",
        context=str(root),
        rebuild_on=(f"{root}/extra.cfg",),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("name", "content", "changed"),
    [
        ("needs.txt", "changed", ("needs.txt",)),
        ("lib/deep/a.c", "changed", ("lib/deep/a.c",)),
        ("lib/deep/a.c", None, ("lib/deep/a.c",)),
        ("lib/new.c", "", ("lib/new.c",)),
        ("docs/two.md", "", ("docs/two.md",)),
        ("extra.cfg", "changed", ("extra.cfg",)),
        ("Dockerfile", FILES["Dockerfile"] + "RUN true\n", ("Dockerfile",)),
        (".dockerignore", "**/*.o\nneeds.txt\n", ("needs.txt",)),
        (".dockerignore", "**/*.o\n# as before\n", ()),
        ("Dockerfile.dockerignore", "docs\n**/*.o\n", ("docs", "docs/one.md")),
        ("other.txt", "changed", ()),
        ("docs/one.txt", "changed", ()),
        ("lib/out/b.o", "changed", ()),
        ("lib/out/c.o", "", ()),
        ("needs.txt", "1", ()),
    ],
)
def test_the_digest_changes_exactly_when_a_source_changes(
    root: Path, name: str, content: str | None, changed: tuple[str, ...]
) -> None:
    before = define(source(root))
    if content is None:
        (root / name).unlink()
    else:
        (root / name).write_text(content)
    after = define(source(root))
    assert after.differences(before.parts) == changed
    assert (after.digest != before.digest) is bool(changed)


@pytest.mark.parametrize(
    ("more", "changed"),
    [
        ({"target": "one"}, "the target stage"),
        ({"build_args": {"A": "1"}}, "the build argument A"),
        ({"secrets": {"s": "/nowhere"}}, "the secret s"),
    ],
)
def test_the_configuration_s_keys_are_part_of_the_definition(
    root: Path, more: dict[str, object], changed: str
) -> None:
    assert define(source(root, **more)).differences(define(source(root)).parts) == (changed,)


def test_an_argument_chooses_which_files_are_copied(root: Path) -> None:
    assert "docs/one.txt" in define(source(root, build_args={"DIR": "docs"})).sent


def test_a_mode_a_link_and_an_empty_directory_count(root: Path) -> None:
    before = define(source(root))
    (root / "needs.txt").chmod(0o755)
    (root / "lib/link").symlink_to("deep")
    (root / "lib/empty").mkdir()
    assert define(source(root)).differences(before.parts) == ("needs.txt", "lib/empty", "lib/link")


def test_a_time_alone_does_not_count_and_unchanged_files_are_not_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = time.time() - 60
    for name in FILES:
        os.utime(root / name, (old, old))
    monkeypatch.setattr(definition, "_TIME_RESOLUTION", 0)
    before = define(source(root))
    os.utime(root / "needs.txt", (old, old + 1))
    read: list[str] = []
    digest = hashlib.file_digest

    def watched(file: BufferedReader, name: str) -> object:
        read.append(file.name)
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", watched)
    assert define(source(root)).digest == before.digest
    assert read == [f"{root}/needs.txt"]


def test_a_file_written_twice_in_one_instant_is_read_again(root: Path) -> None:
    digests = set()
    for number in range(50):
        (root / "needs.txt").write_text(f"{number:04}")
        digests.add(define(source(root)).digest)
    assert len(digests) == 50


def test_a_link_in_a_path_means_the_whole_context(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM scratch\nCOPY alias/deep /\n")
    (root / "alias").symlink_to("lib")
    assert "other.txt" in define(source(root)).sent


def test_without_a_context_nothing_is_sent(root: Path) -> None:
    assert define(ImageSource(table="t", dockerfile=f"{root}/Dockerfile")).sent == ()


def test_every_directory_is_visited(root: Path) -> None:
    visited: list[str] = []
    define(source(root), visited.append)
    relative = {os.path.relpath(directory, root) for directory in visited}
    assert relative == {".", "lib", "lib/deep", "lib/out", "docs"}


def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    (root / "extra.cfg").unlink()
    with pytest.raises(ImageError, match=r"cannot read .*extra\.cfg"):
        define(source(root))


def test_a_dockerfile_without_end_is_not_read(root: Path) -> None:
    """A sparse file takes no space on the disk, but all memory when it is read."""
    os.truncate(root / "Dockerfile", 1 << 40)
    with pytest.raises(ImageError, match="is larger than 16 MiB"):
        define(source(root))


@pytest.mark.parametrize("name", ["Dockerfile", "extra.cfg", ".dockerignore", "needs.txt"])
def test_a_pipe_in_the_place_of_a_file_does_not_block(root: Path, name: str) -> None:
    """Anybody who can write to the project can put a pipe there, and never write into it."""
    (root / name).unlink()
    os.mkfifo(root / name)
    ends: list[ImageError | None] = []

    def look() -> None:
        try:
            define(source(root))
            ends.append(None)
        except ImageError as error:
            ends.append(error)

    # A thread, because opening a pipe cannot be interrupted.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(30)
    (end,) = ends
    if name in ("Dockerfile", "extra.cfg"):
        assert "is not a regular file" in str(end)
    else:
        assert end is None
