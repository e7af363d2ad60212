"""Output as it was written → lines as a person reads them: decoded, without escape sequences."""

from __future__ import annotations

import re

LINE_LIMIT = 16 << 20
"""Bytes of one line that are kept; the rest of it is passed over. A whole SARIF report may be
one."""

# CSI; OSC (titles, hyperlinks), ended by BEL or ST; other strings ended by ST; short escapes.
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]"
    rb"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
    # Buildkite ends its times with a bell
    rb"|[PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
    rb"|[ -/]*[0-~])"
)


class Lines:
    """Feed it bytes, cut anywhere; it gives back blocks of whole lines."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._passing = False

    def feed(self, data: bytes) -> str:
        """The lines that `data` completes, each ended by a newline; perhaps none."""
        if self._passing:
            # The end of a line whose beginning is kept already.
            end = data.find(b"\n")
            if end < 0:
                return ""
            data = data[end:]
            self._passing = False
        cut = data.rfind(b"\n") + 1
        if not cut:
            self._rest += data
            if len(self._rest) > LINE_LIMIT:
                del self._rest[LINE_LIMIT:]
                self._passing = True
            return ""
        block = bytes(self._rest) + data[:cut]
        self._rest = bytearray(data[cut:])
        return _clean(block)

    def finish(self) -> str:
        """What is left when the output has ended."""
        rest, self._rest = bytes(self._rest), bytearray()
        return _clean(rest + b"\n") if rest else ""


def _clean(block: bytes) -> str:
    if b"\x1b" in block:
        block = _ESCAPE.sub(b"", block)
    if b"\r" in block:
        # A progress line that is written over: each state of it is a line of its own.
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in block:
        block = block.replace(b"\0", b"")
    return block.decode("utf-8", "replace")
