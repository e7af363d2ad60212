"""What an image is built from, read from the disk: a digest that is another exactly when the image
is to be built again, and the files that the build is sent.

What is hashed is what is sent: a file that was overlooked makes a build fail, never an old image.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Mapping

import msgspec

from buildd.engines.image_definition.base_images import known
from buildd.engines.image_definition.build_context import files, ignore_of
from buildd.engines.image_definition.copied_files import CopiedFiles, taken
from buildd.engines.image_definition.dockerfile import Dockerfile, parse
from buildd.errors import ChangedFileError, ImageError
from buildd.model import EngineName, Environment, Frozen, OnChange, Pull


class ImageSource(Frozen, frozen=True):
    """How an image is built; paths are absolute. `context` is empty where none is sent. `table` is
    the table of the configuration that says so. What its base images bring is known of `engine`;
    with `ssh_agent` the build may use the user's. `consented` has the SHA-256 of what the user has
    consented to, by the path of the file; without it, the image is described and not built."""

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
    consented: dict[str, str] | None = None


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

    def of_files(self, files: Mapping[str, str]) -> ImageDefinition:
        """The same, made of these files of the context: their parts by path."""
        kept = {name: value for name, value in self.parts.items() if name not in self.sent}
        parts = {**kept, **files}
        return msgspec.structs.replace(
            self, digest=_digest(parts), parts=parts, sent=tuple(sorted(files))
        )


def recipe_of(environment: Environment, consented: Mapping[str, str] | None = None) -> ImageSource:
    """The recipe of the environment's image, which has a Dockerfile; to build it, with the
    project's `contents`."""
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
        consented=None if consented is None else dict(consented),
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
    one cannot be read, ChangedFileError where one is not what was consented to."""
    text = _dockerfile(recipe, visit)
    of_text = hashlib.sha256(text).hexdigest()
    _refuse_another(recipe, recipe.dockerfile, of_text)
    parts = {_named(recipe, recipe.dockerfile): of_text}
    parts["the target stage"] = recipe.target
    parts |= {f"the build argument {name}": value for name, value in recipe.build_args.items()}
    parts |= dict.fromkeys((f"the secret {name}" for name in recipe.secrets), "")
    for path in recipe.rebuild_on:
        for one in (path, os.path.realpath(path)):
            visit(os.path.dirname(one))
        parts[_named(recipe, path)] = part = _file(path, _status(path))
        _refuse_another(recipe, path, part.rpartition(" ")[2])
    parsed = parse(text.decode("utf-8", "surrogateescape"))
    what = taken(parsed, recipe.build_args, recipe.target, known(recipe.engine))
    sent = _sent(recipe, what, visit)
    parts |= sent
    return ImageDefinition(
        recipe=recipe,
        digest=_digest(parts),
        parts=parts,
        text=text,
        sent=tuple(sorted(sent)),
        bases=what.bases,
    )


def _digest(parts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(parts.items()):
        digest.update(f"{name}\0{value}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _refuse_another(recipe: ImageSource, path: str, digest: str) -> None:
    """The file at `path` is one that consent covers, and its content has this digest."""
    if recipe.consented is not None and recipe.consented.get(path) != digest:
        raise ChangedFileError(path)


def _named(recipe: ImageSource, path: str) -> str:
    return os.path.relpath(path, recipe.context or os.path.dirname(recipe.dockerfile))


def _dockerfile(recipe: ImageSource, visit: Callable[[str], None]) -> bytes:
    for path in (recipe.dockerfile, os.path.realpath(recipe.dockerfile)):
        visit(os.path.dirname(path))
    try:
        with open(recipe.dockerfile, "rb") as file:
            return file.read()
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


def part_of(mode: int, content: str) -> str:
    """Names exactly this mode and content of a file in the context: `content` is the SHA-256 of a
    regular file, the target of a symbolic link, empty for a directory."""
    if stat.S_ISLNK(mode):
        return f"->{content}"
    return f"{stat.S_IMODE(mode):o}" + (f" {content}" if stat.S_ISREG(mode) else "/")


def _file(path: str, status: os.stat_result) -> str:
    """As `part_of`, from what is on the disk."""
    if stat.S_ISDIR(status.st_mode):
        return part_of(status.st_mode, "")
    identity = _identity(status)
    known = _known.get(path)
    if known and known[0] == identity:
        return known[1]
    now = time.time_ns()
    is_same = True
    try:
        if stat.S_ISLNK(status.st_mode):
            digest = part_of(status.st_mode, os.readlink(path))
        else:
            with open(path, "rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
                digest = part_of(status.st_mode, content)
                # Another may have taken its place meanwhile, and be gone again when it is used.
                is_same = _identity(os.fstat(file.fileno())) == identity
    except OSError as error:
        raise _unreadable(path, error) from error
    if is_same and max(status.st_mtime_ns, status.st_ctime_ns) < now - _UNSURE:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[path] = (identity, digest)
    return digest


def _identity(status: os.stat_result) -> _Identity:
    return (
        status.st_dev,
        status.st_ino,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size,
        status.st_mode,
    )


def _unreadable(path: str, error: OSError) -> ImageError:
    return ImageError(
        f"cannot read {path}: {error.strerror}",
        "The image is built from it: look at its permissions, or leave it out.",
        file=path,
        line=1,
    )
