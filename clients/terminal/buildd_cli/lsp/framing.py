"""LSP framing: cut a stream of bytes into messages, which can be passed on unchanged."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from buildd.base import framing
from buildd.base.json_text import parse_json_object
from buildd.errors import ProtocolError

Message = dict[str, Any]


class Frame(framing.Frame):
    """One message as it was sent, which is decoded when it is first looked at."""

    @cached_property
    def message(self) -> Message:
        """The decoded body; empty if it is not a JSON object."""
        return parse_json_object(self.body)


class FrameReader:
    """Cuts bytes into frames.

    When the framing is broken, `is_lost` is set and everything that follows is passed on uncut: the
    receiver reports the error.
    """

    def __init__(self) -> None:
        self.is_lost = False
        self._buffer = framing.MessageBuffer(body_limit=None)

    def feed(self, data: bytes) -> list[Frame]:
        """Return the messages that are complete now."""
        self._buffer.feed(data)
        frames = []
        try:
            while not self.is_lost and (taken := self._buffer.take()):
                frames.append(Frame(taken.raw, taken.start))
        except ProtocolError:
            self.is_lost = True
        if self.is_lost and self._buffer:
            frames.append(Frame(self._buffer.take_rest(), 0))
        return frames


def encode(message: Message) -> bytes:
    """Return the message as it is sent: headers and body, with `jsonrpc` added."""
    return framing.frame(json.dumps({"jsonrpc": "2.0", **message}).encode())
