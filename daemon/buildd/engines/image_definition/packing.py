"""This module packs what an engine is sent for a build as a tar file.

That is exactly what a definition names and, of the files that consent covers, exactly what the
user consented to.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import tempfile
from typing import IO, NamedTuple

from buildd.base.safe_open import open_regular
from buildd.engines.image_definition.digest import ImageDefinition, ImageSource, define, part_of
from buildd.errors import ChangedFileError, ImageError

DOCKERFILE = ".buildd.Dockerfile"
"""What the Dockerfile is called in what is sent."""

ATTEMPTS = 3
"""To send files none of which changes while they are read."""

MOST_LINKS = 40
"""That are followed on the way to one file, as the kernel does."""


class _Entry(NamedTuple):
    """A packed file: its mode, and its content as `part_of` takes it."""

    mode: int
    content: str


def packed(source: ImageSource) -> tuple[ImageDefinition, IO[bytes]]:
    """Return the definition of what is sent, with the tar file, positioned at its beginning.

    If files keep changing, they may be of different moments; the definition describes those that
    are sent. Raises ImageError if a file cannot be read, ChangedFileError if it is not what the
    user consented to.
    """
    attempt = 1
    while True:
        definition = define(source)
        file, entries = _pack(definition)
        try:
            _refuse_others(source, entries)
            parts = {name: part_of(*entry) for name, entry in entries.items()}
            if attempt == ATTEMPTS or all(
                definition.parts[name] == part for name, part in parts.items()
            ):
                return definition.of_files(parts), file
        except BaseException:
            file.close()
            raise
        file.close()
        attempt += 1


def _pack(definition: ImageDefinition) -> tuple[IO[bytes], dict[str, _Entry]]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    context = definition.source.context
    try:
        with tarfile.open(fileobj=file, mode="w") as tar:
            info = tarfile.TarInfo(DOCKERFILE)
            info.size = len(definition.text)
            tar.addfile(info, io.BytesIO(definition.text))
            entries = {
                name: _add(tar, os.path.join(context, name), name) for name in definition.sent
            }
    except OSError as error:
        file.close()
        raise ImageError(
            f"the context {context} cannot be read: {error}",
            "It may be changing just now: try again.",
            file=definition.source.dockerfile,
            line=1,
        ) from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, entries


def _add(tar: tarfile.TarFile, path: str, name: str) -> _Entry:
    tar.inodes = {}  # type: ignore[attr-defined]  # a file of two names is sent as two
    mode = os.lstat(path).st_mode
    if not stat.S_ISREG(mode):
        info = _anonymous(tar.gettarinfo(path, name))
        tar.addfile(info)
        kind = stat.S_IFLNK if info.issym() else stat.S_IFDIR
        return _Entry(kind | info.mode, info.linkname)
    with open_regular(path) as opened:
        info = _anonymous(tar.gettarinfo(path, name, opened))
        reading = _Hashing(opened)
        tar.addfile(info, reading)
        return _Entry(stat.S_IFREG | info.mode, reading.digest.hexdigest())


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


class _Hashing:
    """Hands on what it reads from a file, and knows its digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _refuse_others(source: ImageSource, entries: dict[str, _Entry]) -> None:
    """Raise ChangedFileError if a build would find other content than the user consented to.

    That is content under the name of a file that consent covers.
    """
    inside = f"{source.context.rstrip('/')}/"
    for path, digest in (source.consented or {}).items():
        for name in {path, os.path.realpath(path)}:
            if name.startswith(inside):
                found = _found(entries, name.removeprefix(inside))
                if found is not None and found != digest:
                    raise ChangedFileError(path)


def _found(entries: dict[str, _Entry], name: str) -> str | None:
    """Return the content that a build finds under this name, following symbolic links.

    None if nothing was sent under it.
    """
    parts = name.split("/")[::-1]
    place = ""
    links = 0
    while parts:
        part = parts.pop()
        if part in ("", "."):
            continue
        if part == "..":
            place = os.path.dirname(place)
            continue
        below = os.path.join(place, part)
        entry = entries.get(below)
        if entry and stat.S_ISLNK(entry.mode):
            links += 1
            if links > MOST_LINKS:
                return None
            if entry.content.startswith("/"):
                place = ""
            parts += entry.content.split("/")[::-1]
        else:
            place = below
    entry = entries.get(place)
    return entry.content if entry and stat.S_ISREG(entry.mode) else None
