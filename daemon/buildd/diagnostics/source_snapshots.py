"""The texts of files as they were when they were built: what a tool's lines and columns count in.

A finding's span carries the digest of its file's text. While the file is still that text, it is
what is on the disk; once it has been edited, the copy that is kept here is compared with it.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence

from buildd.base.safe_open import read_regular

FILE_LIMIT = 16 << 20
"""Bytes: larger files are not looked at, and columns in them are taken as they are."""

MEMORY = 16 << 20
"""Bytes of texts kept; beyond, those used least recently go."""


class SourceSnapshots:
    """The texts that findings are about, by their digests. Reads files: use it in a
    thread."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def remember(self, file: str, since: float) -> str:
        """Keep the file's text for what a run finds that began at `since` (seconds since the
        epoch); its digest. Empty if it cannot be told what the run has read."""
        try:
            if os.stat(file).st_mtime > since:
                return ""
        except OSError:
            return ""
        data = read(file)
        if not data:
            return ""
        name = digest(data)
        if name not in self._texts:
            self._texts[name] = data
            self._size += len(data)
            while self._size > MEMORY and len(self._texts) > 1:
                self._size -= len(self._texts.popitem(last=False)[1])
        return name

    def lines(self, name: str) -> Sequence[str] | None:
        """The lines of the text with this digest; None if it is no longer kept."""
        data = self._texts.get(name)
        if data is None:
            return None
        self._texts.move_to_end(name)
        return split_lines(decode(data))


def read(file: str) -> bytes:
    """The bytes of a file; none if it cannot be read or is too large."""
    try:
        data = read_regular(file, FILE_LIMIT + 1)
    except OSError:
        return b""
    return b"" if len(data) > FILE_LIMIT else data


def digest(data: bytes) -> str:
    """What a text is known by: 16 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def split_lines(text: str) -> Sequence[str]:
    """As compilers and editors count lines; str.splitlines knows many more ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else ()
