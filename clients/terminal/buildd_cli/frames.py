"""LSP framing: bytes as they come, cut into whole messages that can be passed on as they are."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

Message = dict[str, Any]

HEADER_LIMIT = 8 << 10
"""Bytes that a message's headers may have, as for the daemon."""


class Frame:
    """One message on the wire, whose body begins at `start`."""

    def __init__(self, raw: bytes, start: int = 0) -> None:
        self.raw = raw
        self._start = start

    @cached_property
    def message(self) -> Message:
        """What it says; empty where that is not understood."""
        try:
            decoded = json.loads(self.raw[self._start :])
        except (ValueError, RecursionError):
            return {}
        return decoded if isinstance(decoded, dict) else {}


class Frames:
    """Feed it bytes. Once the framing is lost it cuts no more, and passes on what comes: the
    other side says what is wrong with it."""

    def __init__(self) -> None:
        self.is_lost = False
        self._rest = bytearray()
        self._start = 0
        self._end = 0
        """Of the next message's body, once its headers are there."""

    def feed(self, data: bytes) -> list[Frame]:
        """The messages that are whole now."""
        self._rest += data
        found = []
        while not self.is_lost and self._has_headers() and len(self._rest) >= self._end:
            found.append(Frame(bytes(self._rest[: self._end]), self._start))
            del self._rest[: self._end]
            self._end = 0
        if self.is_lost and self._rest:
            found.append(Frame(bytes(self._rest)))
            self._rest.clear()
        return found

    def _has_headers(self) -> bool:
        if self._end:
            return True
        ends = [
            at + len(mark) for mark in (b"\n\r\n", b"\n\n") if (at := self._rest.find(mark)) >= 0
        ]
        if not ends:
            self.is_lost = len(self._rest) > HEADER_LIMIT
            return False
        self._start = min(ends)
        length = _content_length(bytes(self._rest[: self._start]))
        self.is_lost = length is None
        self._end = self._start + (length or 0)
        return length is not None


def framed(message: Message) -> bytes:
    """The message on the wire, with `jsonrpc` added."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _content_length(headers: bytes) -> int | None:
    for line in headers.split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            digits = value.strip()
            return int(digits) if digits.isdigit() and len(digits) <= 12 else None
    return None
