"""A task's live output for a person: what tools print for programs is shown as they print it for
people, and nothing that would command the terminal. Only at one; in a pipe, bytes stay as they
are."""

from __future__ import annotations

import binascii
import os
from typing import Any

from buildd.base.json_text import parse_json
from buildd_cli.pumps import write_all
from buildd_cli.visible import Visible

LIMIT = 1 << 20
"""Bytes of a line that may be looked at; a longer one passes as it is."""


class Stream:
    """Feed it output as it comes; it gives back what to show, holding back only the beginning of
    a line that may be a document."""

    def __init__(self) -> None:
        self._rest = b""
        self._visible = Visible()

    def feed(self, data: bytes) -> bytes:
        """What to show now."""
        data = self._rest + data
        self._rest = b""
        shown = []
        start = 0
        while start < len(data):
            end = data.find(b"\n", start) + 1
            if not end:
                last = data[start:]
                if last.startswith(b"{") and len(last) < LIMIT:
                    self._rest = last
                else:
                    shown.append(last)
                break
            line = data[start:end]
            shown.append(_for_people(line) if line.startswith(b'{"') else line)
            start = end
        return self._visible.feed(b"".join(shown))

    def finish(self) -> bytes:
        """What is left at the end."""
        rest, self._rest = self._rest, b""
        return self._visible.feed(rest) + self._visible.finish()


class LiveOutput:
    """Shows a run's output on a descriptor as it comes: on a terminal as a Stream has it, elsewhere
    the bytes as they are, on None not at all."""

    def __init__(self, target: int | None) -> None:
        self._target = target
        self._stream = Stream() if target is not None and os.isatty(target) else None

    def show(self, data: bytes) -> None:
        """Show this much more."""
        if self._target is not None:
            write_all(self._target, self._stream.feed(data) if self._stream else data)

    def show_told(self, params: Any) -> None:
        """Show what a notification `buildd/output` brings."""
        self.show(binascii.a2b_base64(params["data"]))

    def finish(self) -> None:
        """Show what is left: the run has ended, and another may follow."""
        if self._target is not None and self._stream:
            write_all(self._target, self._stream.finish())


def _for_people(line: bytes) -> bytes:
    try:
        document = parse_json(line)
    except ValueError:
        return line
    text = _cargo(document) if "reason" in document else _go(document)
    return line if text is None else text.encode("utf-8", "surrogatepass")


def _cargo(document: dict[str, Any]) -> str | None:
    if document["reason"] == "compiler-message":
        message = document.get("message")
        rendered = message.get("rendered") if isinstance(message, dict) else None
        return rendered if isinstance(rendered, str) else None
    known = ("compiler-artifact", "build-script-executed", "build-finished")
    return "" if document["reason"] in known else None


def _go(document: dict[str, Any]) -> str | None:
    if not isinstance(document.get("Action"), str) or "Time" not in document:
        return None
    output = document.get("Output", "")
    return output if isinstance(output, str) else None
