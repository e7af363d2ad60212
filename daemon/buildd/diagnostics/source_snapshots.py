"""Keeps the texts of files as they were when they were built, which a tool's columns refer to.

A diagnostic's span has the digest of its file's text. As long as the file on the disk has that
text, that is used; once the file has been edited, it is compared with the copy that is kept here.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence

from buildd.base.safe_open import read_regular

FILE_LIMIT = 16 << 20
"""Bytes of a file that is read. In larger files, columns are used as the tool reported them."""

MEMORY = 16 << 20
"""Bytes of texts that are kept; beyond that, those used least recently are dropped."""


class SourceSnapshots:
    """Keeps the texts that diagnostics are about, by their digests.

    It reads files: use it in a thread.
    """

    def __init__(self) -> None:
        self._texts: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def remember(self, file: str, since: float) -> str:
        """Keep the file's text for a run that began at `since`, and return the digest of the text.

        `since` is in seconds since the epoch. If the file may have changed since then, the text
        that the run read is not known, and the digest is empty.
        """
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
        """Return the lines of the text with this digest; None if it is no longer kept."""
        data = self._texts.get(name)
        if data is None:
            return None
        self._texts.move_to_end(name)
        return split_lines(decode(data))


def read(file: str) -> bytes:
    """Return the bytes of a file; none if it cannot be read or is too large."""
    try:
        data = read_regular(file, FILE_LIMIT + 1)
    except OSError:
        return b""
    return b"" if len(data) > FILE_LIMIT else data


def digest(data: bytes) -> str:
    """Return the digest by which a text is known: 16 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def decode(data: bytes) -> str:
    """Return the text of a file; bytes that are not UTF-8 become surrogates."""
    return data.decode("utf-8", "surrogateescape")


def split_lines(text: str) -> Sequence[str]:
    """Return the lines as compilers and editors count them; `str.splitlines` splits more often."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else ()
