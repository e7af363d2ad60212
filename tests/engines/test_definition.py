"""What an image is built from, as it is on the disk."""

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


def recipe(root: Path, **more: object) -> ImageSource:
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
def test_it_is_another_exactly_when_what_the_image_is_made_of_changes(
    root: Path, name: str, content: str | None, changed: tuple[str, ...]
) -> None:
    before = define(recipe(root))
    if content is None:
        (root / name).unlink()
    else:
        (root / name).write_text(content)
    after = define(recipe(root))
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
def test_what_the_configuration_says_is_part_of_it(
    root: Path, more: dict[str, object], changed: str
) -> None:
    assert define(recipe(root, **more)).differences(define(recipe(root)).parts) == (changed,)


def test_an_argument_chooses_what_is_copied(root: Path) -> None:
    assert "docs/one.txt" in define(recipe(root, build_args={"DIR": "docs"})).sent


def test_a_mode_a_link_and_an_empty_directory_count(root: Path) -> None:
    before = define(recipe(root))
    (root / "needs.txt").chmod(0o755)
    (root / "lib/link").symlink_to("deep")
    (root / "lib/empty").mkdir()
    assert define(recipe(root)).differences(before.parts) == ("needs.txt", "lib/empty", "lib/link")


def test_a_time_alone_does_not_count_and_nothing_is_read_twice(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = time.time() - 60
    for name in FILES:
        os.utime(root / name, (old, old))
    monkeypatch.setattr(definition, "_UNSURE", 0)
    before = define(recipe(root))
    os.utime(root / "needs.txt", (old, old + 1))
    read: list[str] = []
    digest = hashlib.file_digest

    def watched(file: BufferedReader, name: str) -> object:
        read.append(file.name)
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", watched)
    assert define(recipe(root)).digest == before.digest
    assert read == [f"{root}/needs.txt"]


def test_a_file_written_twice_in_one_instant_is_seen(root: Path) -> None:
    digests = set()
    for number in range(50):
        (root / "needs.txt").write_text(f"{number:04}")
        digests.add(define(recipe(root)).digest)
    assert len(digests) == 50


def test_a_link_on_the_way_means_the_whole_context(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM scratch\nCOPY alias/deep /\n")
    (root / "alias").symlink_to("lib")
    assert "other.txt" in define(recipe(root)).sent


def test_without_a_context_nothing_is_sent(root: Path) -> None:
    assert define(ImageSource(table="t", dockerfile=f"{root}/Dockerfile")).sent == ()


def test_every_directory_is_told_before_it_is_looked_into(root: Path) -> None:
    told: list[str] = []
    define(recipe(root), told.append)
    relative = {os.path.relpath(one, root) for one in told}
    assert relative == {".", "lib", "lib/deep", "lib/out", "docs"}


def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    (root / "extra.cfg").unlink()
    with pytest.raises(ImageError, match=r"cannot read .*extra\.cfg"):
        define(recipe(root))


@pytest.mark.parametrize("name", ["Dockerfile", "extra.cfg", ".dockerignore", "needs.txt"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(root: Path, name: str) -> None:
    """Whoever can write to the project can put one there, and nobody need ever write into it."""
    (root / name).unlink()
    os.mkfifo(root / name)
    ends: list[BaseException | None] = []

    def look() -> None:
        try:
            define(recipe(root))
            ends.append(None)
        except ImageError as error:
            ends.append(error)

    # A thread, because what waits for a pipe cannot be interrupted.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(30)
    (end,) = ends
    if name in ("Dockerfile", "extra.cfg"):
        assert "is not a regular file" in str(end)
    else:
        assert end is None
