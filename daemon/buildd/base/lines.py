"""This module turns a command's output bytes into decoded lines without escape sequences."""

from __future__ import annotations

import re

LINE_LIMIT = 16 << 20
"""Bytes of a line that are kept; the rest of the line is dropped. A whole SARIF report may be one
line."""

# CSI; OSC (titles, hyperlinks), ended by BEL or ST; other strings ended by ST; short escapes.
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]"
    rb"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
    # Buildkite ends its timestamps with a bell.
    rb"|[PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
    rb"|[ -/]*[0-~])"
)


class LineDecoder:
    """A line decoder takes bytes that are cut anywhere, and returns blocks of whole lines."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> str:
        """Return the lines that `data` completes, each ended by a newline, or an empty string."""
        if self._skipping:
            # This is the rest of a line that was too long; its beginning is in `_rest`.
            end = data.find(b"\n")
            if end < 0:
                return ""
            data = data[end:]
            self._skipping = False
        cut = data.rfind(b"\n") + 1
        if not cut:
            self._rest += data
            if len(self._rest) > LINE_LIMIT:
                del self._rest[LINE_LIMIT:]
                self._skipping = True
            return ""
        block = bytes(self._rest) + data[:cut]
        self._rest = bytearray(data[cut:])
        return _clean(block)

    def finish(self) -> str:
        """Return the last, incomplete line once the output has ended, or an empty string."""
        rest, self._rest = bytes(self._rest), bytearray()
        return _clean(rest + b"\n") if rest else ""


def _clean(block: bytes) -> str:
    if b"\x1b" in block:
        block = _ESCAPE.sub(b"", block)
    if b"\r" in block:
        # A carriage return alone overwrites a progress line: each of its states becomes a line.
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in block:
        block = block.replace(b"\0", b"")
    return block.decode("utf-8", "replace")
