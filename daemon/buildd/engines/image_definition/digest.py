"""What an image is built from, read from the disk: a digest that is another exactly when the image
is to be built again, and the files that the build is sent.

What is hashed is what is sent: a file that was overlooked makes a build fail, never an old image.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable

import msgspec

from buildd.base.safe_open import open_regular, read_regular
from buildd.engines.image_definition.base_images import known
from buildd.engines.image_definition.build_context import files, ignore_of
from buildd.engines.image_definition.copied_files import CopiedFiles, taken
from buildd.engines.image_definition.dockerfile import Dockerfile, parse
from buildd.errors import ImageError
from buildd.model import EngineName, Environment, Frozen, OnChange, Pull

DOCKERFILE_LIMIT = 1 << 20
"""Bytes of a Dockerfile."""


class ImageSource(Frozen, frozen=True):
    """How an image is built; paths are absolute. `context` is empty where none is sent. `table` is
    the table of the configuration that says so. What its base images bring is known of `engine`;
    with `ssh_agent` the build may use the user's."""

    table: str
    dockerfile: str
    context: str = ""
    target: str = ""
    build_args: dict[str, str] = {}
    secrets: dict[str, str] = {}
    rebuild_on: tuple[str, ...] = ()
    pull: Pull = Pull.MISSING
    engine: EngineName = EngineName.DOCKER
    ssh_agent: bool = False


class ImageDefinition(Frozen, frozen=True):
    """A recipe as it was on the disk. `parts` has the digest of each thing that it is made of, by
    a name for the user; `text` is the Dockerfile, `sent` are the paths of the context that go to
    the engine."""

    recipe: ImageSource
    digest: str
    parts: dict[str, str]
    text: bytes
    sent: tuple[str, ...]
    bases: tuple[tuple[int, str], ...]

    @property
    def base_names(self) -> list[str]:
        """The images that its stages build on."""
        return [name for _, name in self.bases]

    @property
    def parsed(self) -> Dockerfile:
        return parse(self.text.decode("utf-8", "surrogateescape"))

    def differences(self, parts: dict[str, str]) -> tuple[str, ...]:
        """The names of what is not the same in the parts of an earlier one."""
        names = {**parts, **self.parts}
        return tuple(name for name in names if parts.get(name) != self.parts.get(name))


def recipe_of(environment: Environment) -> ImageSource:
    """The recipe of the environment's image, which has a Dockerfile."""
    return ImageSource(
        table=f"environments.{environment.name}",
        dockerfile=environment.dockerfile,
        context=environment.context,
        target=environment.target,
        build_args=environment.build_args,
        secrets=environment.secrets,
        rebuild_on=environment.rebuild_on,
        pull=environment.pull,
        engine=environment.engine,
        ssh_agent=environment.ssh_agent,
    )


def without_image(environment: Environment) -> Environment:
    """The environment without what only its image is made from."""
    return msgspec.structs.replace(
        environment,
        image="",
        dockerfile="",
        context="",
        target="",
        build_args={},
        secrets={},
        rebuild_on=(),
        on_change=OnChange.REBUILD,
        pull=Pull.MISSING,
    )


def define(
    recipe: ImageSource, visit: Callable[[str], None] = lambda directory: None
) -> ImageDefinition:
    """Read the recipe's files; those that have not changed since they were last read, not again.
    `visit` is told of each directory before it is looked into. Blocks. Raises ImageError where
    one cannot be read."""
    text = _dockerfile(recipe, visit)
    parts = {_named(recipe, recipe.dockerfile): hashlib.sha256(text).hexdigest()}
    parts["the target stage"] = recipe.target
    parts |= {f"the build argument {name}": value for name, value in recipe.build_args.items()}
    parts |= dict.fromkeys((f"the secret {name}" for name in recipe.secrets), "")
    for path in recipe.rebuild_on:
        for one in (path, os.path.realpath(path)):
            visit(os.path.dirname(one))
        parts[_named(recipe, path)] = _file(path, _status(path))
    parsed = parse(text.decode("utf-8", "surrogateescape"))
    what = taken(parsed, recipe.build_args, recipe.target, known(recipe.engine))
    sent = _sent(recipe, what, visit)
    parts |= sent
    digest = hashlib.sha256()
    for name, value in sorted(parts.items()):
        digest.update(f"{name}\0{value}\0".encode("utf-8", "surrogateescape"))
    return ImageDefinition(
        recipe=recipe,
        digest=digest.hexdigest(),
        parts=parts,
        text=text,
        sent=tuple(sorted(sent)),
        bases=what.bases,
    )


def _named(recipe: ImageSource, path: str) -> str:
    return os.path.relpath(path, recipe.context or os.path.dirname(recipe.dockerfile))


def _dockerfile(recipe: ImageSource, visit: Callable[[str], None]) -> bytes:
    for path in (recipe.dockerfile, os.path.realpath(recipe.dockerfile)):
        visit(os.path.dirname(path))
    try:
        return read_regular(recipe.dockerfile, DOCKERFILE_LIMIT)
    except OSError as error:
        raise _unreadable(recipe.dockerfile, error) from error


def _sent(recipe: ImageSource, what: CopiedFiles, visit: Callable[[str], None]) -> dict[str, str]:
    if not (recipe.context and what.patterns):
        return {}
    visit(recipe.context)
    ignore = ignore_of(recipe.context, recipe.dockerfile)
    found = files(recipe.context, what.patterns, ignore, visit)
    return {path: _file(os.path.join(recipe.context, path), status) for path, status in found}


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from error


_Identity = tuple[int, ...]
_known: dict[str, tuple[_Identity, str]] = {}
"""The digest of each file that was read, and how the file was then."""

MOST_KNOWN = 500_000

_UNSURE = 20_000_000
"""Nanoseconds: a file written so short a time ago may be written again without another time."""


def _file(path: str, status: os.stat_result) -> str:
    """Names exactly this content and mode."""
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return f"{mode:o}/"
    identity = (
        status.st_dev,
        status.st_ino,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size,
        status.st_mode,
    )
    known = _known.get(path)
    if known and known[0] == identity:
        return known[1]
    now = time.time_ns()
    try:
        if stat.S_ISLNK(status.st_mode):
            digest = f"->{os.readlink(path)}"
        else:
            with open_regular(path) as file:
                digest = f"{mode:o} {hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise _unreadable(path, error) from error
    if max(status.st_mtime_ns, status.st_ctime_ns) < now - _UNSURE:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[path] = (identity, digest)
    return digest


def _unreadable(path: str, error: OSError) -> ImageError:
    return ImageError(
        f"cannot read {path}: {error.strerror}",
        "The image is built from it: look at its permissions, or leave it out.",
        file=path,
        line=1,
    )
