"""An image's definition whose files are none: an error that names the file, and nothing is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.engines.image_definition import build_context, digest
from buildd.engines.image_definition.digest import ImageSource, define
from buildd.errors import ImageError
from tests.support.special_files import SPECIAL_FILES, Make, huge, replace


@pytest.fixture
def recipe(tmp_path: Path) -> ImageSource:
    (tmp_path / "build.Dockerfile").write_text("FROM scratch\nCOPY . /all/\n")
    (tmp_path / "lock").touch()
    return ImageSource(
        table="environments.build",
        dockerfile=f"{tmp_path}/build.Dockerfile",
        context=str(tmp_path),
        rebuild_on=(f"{tmp_path}/lock",),
    )


@pytest.mark.parametrize("make", SPECIAL_FILES)
@pytest.mark.parametrize(
    "name", ["build.Dockerfile", ".dockerignore", "build.Dockerfile.dockerignore"]
)
def test_a_special_file(recipe: ImageSource, name: str, make: Make) -> None:
    path = os.path.join(recipe.context, name)
    replace(path, make)
    with pytest.raises(ImageError, match="cannot read") as caught:
        define(recipe)
    assert caught.value.file == path
    reason = "is larger than 1 MiB" if make is huge else "is not a regular file"
    assert reason in caught.value.message


@pytest.mark.parametrize("make", SPECIAL_FILES[:2])
def test_a_special_file_that_the_image_depends_on(recipe: ImageSource, make: Make) -> None:
    replace(f"{recipe.context}/lock", make)
    with pytest.raises(ImageError, match="lock: it is not a regular file"):
        define(recipe)


@pytest.mark.parametrize("make", SPECIAL_FILES[:1])
def test_a_special_file_of_the_context_is_not_sent(recipe: ImageSource, make: Make) -> None:
    replace(f"{recipe.context}/pipe", make)
    assert "pipe" not in define(recipe).sent


def test_an_ignore_file_that_may_not_be_read_is_no_empty_one(
    recipe: ImageSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, limit: int) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(build_context, "read_regular", refuse)
    with pytest.raises(ImageError, match="Permission denied"):
        define(recipe)


def test_the_lines_of_an_ignore_file_are_bounded(recipe: ImageSource) -> None:
    path = Path(recipe.context, ".dockerignore")
    path.write_text("a\n" * build_context.IGNORE_LINES_LIMIT)
    define(recipe)
    path.write_text("a\n" * (build_context.IGNORE_LINES_LIMIT + 1))
    with pytest.raises(ImageError, match="has more than 1000 lines") as caught:
        define(recipe)
    assert caught.value.line == build_context.IGNORE_LINES_LIMIT + 1


def test_a_dockerfile_just_within_the_limit(recipe: ImageSource) -> None:
    text = "FROM scratch\n"
    Path(recipe.dockerfile).write_text(text + "#" * (digest.DOCKERFILE_LIMIT - len(text)))
    define(recipe)
