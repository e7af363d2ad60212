"""Messages in LSP framing, whole and as they came, so that they can be passed on as they are."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from buildd.base import framing
from buildd.base.json_text import parse_json_object
from buildd.errors import ProtocolError

Message = dict[str, Any]


class Frame(framing.Frame):
    """One message on the wire, decoded when it is first looked at."""

    @cached_property
    def message(self) -> Message:
        """What it says; empty where that is not understood."""
        return parse_json_object(self.body)


class Frames:
    """Feed it bytes. Once the framing is lost it cuts no more, and passes on what comes: the
    other side says what is wrong with it."""

    def __init__(self) -> None:
        self.is_lost = False
        self._buffer = framing.MessageBuffer(body_limit=None)

    def feed(self, data: bytes) -> list[Frame]:
        """The messages that are whole now."""
        self._buffer.feed(data)
        found = []
        try:
            while not self.is_lost and (taken := self._buffer.take()):
                found.append(Frame(taken.raw, taken.start))
        except ProtocolError:
            self.is_lost = True
        if self.is_lost and self._buffer:
            found.append(Frame(self._buffer.take_rest(), 0))
        return found


def framed(message: Message) -> bytes:
    """The message on the wire, with `jsonrpc` added."""
    return framing.frame(json.dumps({"jsonrpc": "2.0", **message}).encode())
