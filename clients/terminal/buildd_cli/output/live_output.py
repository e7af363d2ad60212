"""Make a task's live output readable on a terminal.

The JSON that cargo and go print for programs is shown as the text that they print for people, and
escape sequences are removed. Elsewhere output is passed on unchanged.
"""

from __future__ import annotations

import binascii
import os
from typing import Any

from buildd.base.json_text import parse_json
from buildd_cli.execution.pipes import write_all
from buildd_cli.output.escape_filter import EscapeFilter

LIMIT = 1 << 20
"""The most bytes of a line that is parsed; a longer line passes unchanged."""


class LiveOutput:
    """Converts output that comes in pieces.

    Only the beginning of a line that may be JSON is held back; everything else is shown at once.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._filter = EscapeFilter()

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown now."""
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
        return self._filter.feed(b"".join(shown))

    def finish(self) -> bytes:
        """Return what is left at the end."""
        rest, self._rest = self._rest, b""
        return self._filter.feed(rest) + self._filter.finish()


class OutputWriter:
    """Writes a task's output to the descriptor `target` as it comes, or nowhere if that is None.

    A terminal gets the output as LiveOutput converts it.
    """

    def __init__(self, target: int | None) -> None:
        self._target = target
        self._converter = LiveOutput() if target is not None and os.isatty(target) else None

    def write(self, data: bytes) -> None:
        """Write the next bytes of the output."""
        if self._target is not None:
            write_all(self._target, self._converter.feed(data) if self._converter else data)

    def write_notification(self, params: Any) -> None:
        """Write the output that a `buildd/output` notification has."""
        self.write(binascii.a2b_base64(params["data"]))

    def finish(self) -> None:
        """Write what was held back. The run has ended; another one may follow."""
        if self._target is not None and self._converter:
            write_all(self._target, self._converter.finish())


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
