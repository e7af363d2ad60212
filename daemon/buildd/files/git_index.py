"""Git's index, read without running git: what is under version control. Pure.

Source of the format: gitformat-index(5), versions 2 to 4. git itself takes an index for its own
work; this one was perhaps written in a container.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

SUBMODULE = 0o160000
"""The mode of what is a repository of its own."""

DIRECTORY = 0o040000
"""The mode of a directory in a sparse index, which stands for all that a commit has there."""

LIMIT = 128 << 20
"""Bytes of an index: a million files."""

_FIXED = 40
"""Bytes of an entry before the name of its object."""

_EXTENDED = 0x4000
_ASSUMED = 0x8000
_SKIPPED = 0x4000
_LONG_NAME = 0xFFF


class GitIndexError(ValueError):
    """It is no index that can be read; says why."""


class IndexEntry(NamedTuple):
    """A path that is under version control, as the system names files.

    `assumed` where git does not look at the file, and takes it for unchanged, or leaves it out of
    the working tree.
    """

    path: bytes
    mode: int
    assumed: bool


ReadShared = Callable[[str], bytes | None]
"""Reads the index of this name, beside the one that is split; None where it cannot be read."""


def entries(data: bytes, hash_size: int, shared: ReadShared = lambda _: None) -> list[IndexEntry]:
    """Return the entries of an index, with those of the index that it shares.

    The names of its objects have `hash_size` bytes. Raises GitIndexError.
    """
    try:
        found, place = _own(data, hash_size)
        link = _extension(data, place, b"link", hash_size)
        if not link:
            return found
        name = link[:hash_size].hex()
        base = shared(f"sharedindex.{name}") if name.strip("0") else b""
        if base is None:
            raise GitIndexError(f"its other half, sharedindex.{name}, cannot be read")
        return _joined(_own(base, hash_size)[0] if base else [], found, link[hash_size:])
    except (struct.error, IndexError) as error:
        raise GitIndexError("it ends too early") from error


def _own(data: bytes, hash_size: int) -> tuple[list[IndexEntry], int]:
    """The entries that are in the file itself, and the place after them."""
    signature, version, count = struct.unpack_from(">4sII", data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise GitIndexError("it is of an unknown version")
    found: list[IndexEntry] = []
    place, path = 12, b""
    for _ in range(count):
        start = place
        (mode,) = struct.unpack_from(">I", data, place + 24)
        place += _FIXED + hash_size
        (flags,) = struct.unpack_from(">H", data, place)
        place += 2
        skipped = False
        if flags & _EXTENDED:
            skipped = bool(struct.unpack_from(">H", data, place)[0] & _SKIPPED)
            place += 2
        if version == 4:
            cut, place = _variable(data, place)
            end = data.find(b"\0", place)
            if cut > len(path) or end < 0:
                raise GitIndexError("a name in it is cut")
            path = path[: len(path) - cut] + data[place:end]
            place = end + 1
        else:
            length = flags & _LONG_NAME
            end = data.find(b"\0", place) if length == _LONG_NAME else place + length
            path = data[place:end]
            # From one to eight NULs, so that the next one begins at a multiple of eight.
            place = start + ((end - start + 8) & ~7)
            if end < 0 or data[end] != 0:
                raise GitIndexError("a name in it is cut")
        found.append(IndexEntry(path, mode, skipped or bool(flags & _ASSUMED)))
    return found, place


def _joined(base: list[IndexEntry], own: list[IndexEntry], bitmaps: bytes) -> list[IndexEntry]:
    """What git makes of both halves.

    Of the base, some entries are deleted and some replaced, by those of one's own that have no
    name; the others are added.
    """
    deleted, place = _bits(bitmaps, 0, len(base)) if bitmaps else (set(), 0)
    replaced, _ = _bits(bitmaps, place, len(base)) if bitmaps else (set(), 0)
    rest = iter(own)
    found = [
        next(rest, entry)._replace(path=entry.path) if number in replaced else entry
        for number, entry in enumerate(base)
    ]
    found = [entry for number, entry in enumerate(found) if number not in deleted]
    return sorted([*found, *rest])


def _bits(data: bytes, place: int, count: int) -> tuple[set[int], int]:
    """Return the bits that are set in a compressed bitmap (EWAH), and the place after it.

    It has at most `count` bits.
    """
    size, words = struct.unpack_from(">II", data, place)
    if size > count:
        raise GitIndexError("a bitmap in it is too long")
    values = struct.unpack_from(f">{words}Q", data, place + 8)
    found: set[int] = set()
    bit = number = 0
    while number < words and bit < size:
        marker = values[number]
        run, literals = 64 * (marker >> 1 & 0xFFFFFFFF), marker >> 33
        if marker & 1:
            found.update(range(bit, min(bit + run, size)))
        bit += run
        for value in values[number + 1 : number + 1 + literals]:
            found.update(bit + at for at in range(64) if value >> at & 1)
            bit += 64
        number += 1 + literals
    return found, place + 8 + 8 * words + 4


def may_have_submodules(data: bytes) -> bool:
    """Whether an entry could be one, told quickly."""
    return SUBMODULE.to_bytes(4, "big") in data


def _variable(data: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, as offsets in a pack are written; and the place after it."""
    byte = data[place]
    place += 1
    value = byte & 0x7F
    while byte & 0x80:
        byte = data[place]
        place += 1
        value = ((value + 1) << 7) | (byte & 0x7F)
        if value > LIMIT:
            raise GitIndexError("a number in it is too large")
    return value, place


def _extension(data: bytes, place: int, name: bytes, hash_size: int) -> bytes:
    """The content of one of the parts that follow the entries; empty without it."""
    while place + 8 <= len(data) - hash_size:
        found, size = struct.unpack_from(">4sI", data, place)
        if found == name:
            return data[place + 8 : place + 8 + size]
        place += 8 + size
    return b""
