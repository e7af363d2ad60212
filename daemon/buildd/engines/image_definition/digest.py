"""This module reads the definition of an image from the disk, with its digest.

The digest changes exactly when the image must be built again. The files that it covers are the
files that the engine gets: if one is overlooked, the build fails instead of giving an old image.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Mapping

import msgspec

from buildd.base.safe_open import open_regular, read_regular
from buildd.engines.image_definition.base_images import base_images
from buildd.engines.image_definition.build_context import context_files, read_ignore_file
from buildd.engines.image_definition.copied_files import CopiedFiles, copied_files
from buildd.engines.image_definition.dockerfile import Dockerfile, parse
from buildd.errors import ChangedFileError, ImageError
from buildd.model import EngineName, Environment, Frozen, OnChange, Pull


class ImageSource(Frozen, frozen=True):
    """An image source is how an image is built, as the configuration says; paths are absolute."""

    table: str
    """The table of the configuration that defines the image, for messages."""
    dockerfile: str
    context: str = ""
    """The directory that COPY and ADD read; empty if the engine gets none."""
    target: str = ""
    build_args: dict[str, str] = {}
    secrets: dict[str, str] = {}
    rebuild_on: tuple[str, ...] = ()
    pull: Pull = Pull.MISSING
    engine: EngineName = EngineName.DOCKER
    """The engine whose base images are used."""
    ssh_agent: bool = False
    """Whether the build may use the user's ssh agent."""
    consented: dict[str, str] | None = None
    """The SHA-256 of each file that the user consented to, by path; without it, the image is
    described and not built."""


class ImageDefinition(Frozen, frozen=True):
    """An image definition is an image source with the contents that its files had on the disk."""

    source: ImageSource
    digest: str
    parts: dict[str, str]
    """The digest of each part of the definition, by a name that the user reads."""
    text: bytes
    """The Dockerfile."""
    sent: tuple[str, ...]
    """The paths in the context that the engine gets."""
    bases: tuple[tuple[int, str], ...]
    """The base images, each with the line of its FROM."""

    @property
    def base_names(self) -> list[str]:
        """The names of the base images."""
        return [name for _, name in self.bases]

    @property
    def parsed(self) -> Dockerfile:
        """The parsed Dockerfile."""
        return parse(self.text.decode("utf-8", "surrogateescape"))

    def differences(self, parts: dict[str, str]) -> tuple[str, ...]:
        """Return the names of the parts that differ from those of an earlier definition."""
        names = {**parts, **self.parts}
        return tuple(name for name in names if parts.get(name) != self.parts.get(name))

    def of_files(self, files: Mapping[str, str]) -> ImageDefinition:
        """The same, made of these files of the context: their parts by path."""
        kept = {name: value for name, value in self.parts.items() if name not in self.sent}
        parts = {**kept, **files}
        return msgspec.structs.replace(
            self, digest=_digest(parts), parts=parts, sent=tuple(sorted(files))
        )


def image_source(
    environment: Environment, consented: Mapping[str, str] | None = None
) -> ImageSource:
    """Return the source of an environment's image, which has a Dockerfile.

    To build it, `consented` is the project's `contents`.
    """
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
    """Return the environment without the fields that define only its image."""
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
    source: ImageSource, visit: Callable[[str], None] = lambda directory: None
) -> ImageDefinition:
    """Read the files of an image source, except those that are unchanged since the last call.

    `visit` is called with each directory before it is read. It blocks: call it in a thread. Raises
    ImageError if a file cannot be read, ChangedFileError if it is not what the user consented to.
    """
    text = _dockerfile(source, visit)
    digest_of_text = hashlib.sha256(text).hexdigest()
    _refuse_changed(source, source.dockerfile, digest_of_text)
    parts = {_part_name(source, source.dockerfile): digest_of_text}
    parts["the target stage"] = source.target
    parts |= {f"the build argument {name}": value for name, value in source.build_args.items()}
    parts |= dict.fromkeys((f"the secret {name}" for name in source.secrets), "")
    for path in source.rebuild_on:
        for file in (path, os.path.realpath(path)):
            visit(os.path.dirname(file))
        parts[_part_name(source, path)] = part = _file(path, _status(path))
        _refuse_changed(source, path, part.rpartition(" ")[2])
    parsed = parse(text.decode("utf-8", "surrogateescape"))
    copied = copied_files(parsed, source.build_args, source.target, base_images(source.engine))
    sent = _sent(source, copied, visit)
    parts |= sent
    return ImageDefinition(
        source=source,
        digest=_digest(parts),
        parts=parts,
        text=text,
        sent=tuple(sorted(sent)),
        bases=copied.bases,
    )


def _digest(parts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(parts.items()):
        digest.update(f"{name}\0{value}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _refuse_changed(source: ImageSource, path: str, digest: str) -> None:
    """Raise ChangedFileError if the file's content is not what the user consented to."""
    if source.consented is not None and source.consented.get(path) != digest:
        raise ChangedFileError(path)


def _part_name(source: ImageSource, path: str) -> str:
    return os.path.relpath(path, source.context or os.path.dirname(source.dockerfile))


DOCKERFILE_LIMIT = 16 << 20
"""Largest size of a Dockerfile in bytes."""


def _dockerfile(source: ImageSource, visit: Callable[[str], None]) -> bytes:
    for path in (source.dockerfile, os.path.realpath(source.dockerfile)):
        visit(os.path.dirname(path))
    try:
        content = read_regular(source.dockerfile, DOCKERFILE_LIMIT + 1)
    except OSError as error:
        raise _unreadable(source.dockerfile, error) from error
    if len(content) > DOCKERFILE_LIMIT:
        raise ImageError(
            f"{source.dockerfile} is larger than {DOCKERFILE_LIMIT >> 20} MiB",
            "Copy large data from files of the build context instead.",
            file=source.dockerfile,
            line=1,
        )
    return content


def _sent(source: ImageSource, copied: CopiedFiles, visit: Callable[[str], None]) -> dict[str, str]:
    """Return the digests of the context's files that the engine gets, by path."""
    if not (source.context and copied.patterns):
        return {}
    visit(source.context)
    ignore = read_ignore_file(source.context, source.dockerfile)
    found = context_files(source.context, copied.patterns, ignore, visit)
    return {path: _file(os.path.join(source.context, path), status) for path, status in found}


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from error


_Identity = tuple[int, ...]
_digests: dict[str, tuple[_Identity, str]] = {}
"""The identity of each file that was read, with its digest."""

CACHE_LIMIT = 500_000
"""Largest number of digests that are kept."""

_TIME_RESOLUTION = 20_000_000
"""Nanoseconds within which a file may be written twice without a new modification time."""


def part_of(mode: int, content: str) -> str:
    """Return a text that identifies the mode and content of a file in the context.

    `content` is the SHA-256 of a regular file, the target of a symbolic link, or empty (directory).
    """
    if stat.S_ISLNK(mode):
        return f"->{content}"
    return f"{stat.S_IMODE(mode):o}" + (f" {content}" if stat.S_ISREG(mode) else "/")


def _file(path: str, status: os.stat_result) -> str:
    """Return what `part_of` returns, for the file on the disk."""
    if stat.S_ISDIR(status.st_mode):
        return part_of(status.st_mode, "")
    identity = _identity(status)
    known = _digests.get(path)
    if known and known[0] == identity:
        return known[1]
    now = time.time_ns()
    is_same = True
    try:
        if stat.S_ISLNK(status.st_mode):
            digest = part_of(status.st_mode, os.readlink(path))
        else:
            with open_regular(path) as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
                digest = part_of(status.st_mode, content)
                # Another may have taken its place meanwhile, and be gone again when it is used.
                is_same = _identity(os.fstat(file.fileno())) == identity
    except OSError as error:
        raise _unreadable(path, error) from error
    if is_same and max(status.st_mtime_ns, status.st_ctime_ns) < now - _TIME_RESOLUTION:
        if len(_digests) >= CACHE_LIMIT:
            _digests.clear()
        _digests[path] = (identity, digest)
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
        "The image is built from this file: check its permissions, or leave it out.",
        file=path,
        line=1,
    )
