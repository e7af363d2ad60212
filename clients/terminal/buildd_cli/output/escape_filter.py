"""Remove terminal escape sequences from untrusted output; only colours stay."""

from __future__ import annotations

import codecs
import re

HELD = 4096
"""The most characters of an unfinished escape sequence that are held back."""

_ESCAPE = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*[ -/]*)(?P<final>[@-~])"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"  # strings: clipboard, titles, links
    r"|\x1b[ -/]*[0-Z\\`-~]"  # the other sequences of two characters
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # any other control character, a lone escape too
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\x9c\n]*\x1b?|[ -/]*)?\Z")

_COLOUR = re.compile(r"[0-9;:]*\Z")


class EscapeFilter:
    """Filters output that comes in pieces, cut anywhere.

    Colours, carriage returns and "erase to the end of the line" pass, so that progress lines work.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_coloured = False

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown now."""
        text = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text, max(text.rfind("\x1b", 0, -1) - 1, 0))
        self._rest = ""
        if unfinished and len(text) - unfinished.start() <= HELD:
            self._rest = unfinished[0]
            text = text[: unfinished.start()]
        return self._pass(text)

    def finish(self) -> bytes:
        """Return what is left at the end, and reset the colours if they are set."""
        text = self._rest + self._decoder.decode(b"", final=True)
        self._rest = ""
        return self._pass(text) + (b"\x1b[0m" if self._is_coloured else b"")

    def _pass(self, text: str) -> bytes:
        return _ESCAPE.sub(self._keep, text).encode("utf-8", "replace")

    def _keep(self, match: re.Match[str]) -> str:
        if match["final"] == "m" and _COLOUR.match(match["parameters"]):
            self._is_coloured = match["parameters"].strip("0;") != ""
            return match[0]
        return match[0] if match["final"] == "K" and _COLOUR.match(match["parameters"]) else ""
