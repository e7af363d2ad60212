"""A task's live output for a person: what tools print for programs is shown as they print it for
people, and nothing that would command the terminal. Only at one; in a pipe, bytes stay as they
are."""

from __future__ import annotations

import json
from typing import Any

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


def _for_people(line: bytes) -> bytes:
    try:
        document = json.loads(line)
    except ValueError:
        return line
    text = _cargo(document) if "reason" in document else _go(document)
    return line if text is None else text.encode("utf-8", "surrogatepass")


def _cargo(document: dict[str, Any]) -> str | None:
    if document["reason"] == "compiler-message":
        rendered = document.get("message", {}).get("rendered")
        return rendered if isinstance(rendered, str) else None
    known = ("compiler-artifact", "build-script-executed", "build-finished")
    return "" if document["reason"] in known else None


def _go(document: dict[str, Any]) -> str | None:
    if not isinstance(document.get("Action"), str) or "Time" not in document:
        return None
    output = document.get("Output", "")
    return output if isinstance(output, str) else None
