"""LSP framing: cut a stream of bytes into messages, which can be passed on unchanged."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

Message = dict[str, Any]

HEADER_LIMIT = 8 << 10
"""The most bytes that a message's headers may have; the daemon has the same limit."""


class Frame:
    """One message as it was sent. `raw` is all of it; its body begins at the offset `start`."""

    def __init__(self, raw: bytes, start: int = 0) -> None:
        self.raw = raw
        self._start = start

    @cached_property
    def message(self) -> Message:
        """The decoded body; empty if it is not a JSON object."""
        try:
            decoded = json.loads(self.raw[self._start :])
        except (ValueError, RecursionError):
            return {}
        return decoded if isinstance(decoded, dict) else {}


class FrameReader:
    """Cuts bytes into frames.

    When the framing is broken, `is_lost` is set and everything that follows is passed on uncut: the
    receiver reports the error.
    """

    def __init__(self) -> None:
        self.is_lost = False
        self._rest = bytearray()
        self._start = 0
        self._end = 0
        """Where the next message ends; 0 until its headers are complete."""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the messages that are complete now."""
        self._rest += data
        frames = []
        while not self.is_lost and self._has_headers() and len(self._rest) >= self._end:
            frames.append(Frame(bytes(self._rest[: self._end]), self._start))
            del self._rest[: self._end]
            self._end = 0
        if self.is_lost and self._rest:
            frames.append(Frame(bytes(self._rest)))
            self._rest.clear()
        return frames

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


def encode(message: Message) -> bytes:
    """Return the message as it is sent: headers and body, with `jsonrpc` added."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _content_length(headers: bytes) -> int | None:
    for line in headers.split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            digits = value.strip()
            return int(digits) if digits.isdigit() and len(digits) <= 12 else None
    return None
