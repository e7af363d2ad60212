"""Reads uncaught exceptions of OCaml programs, with their backtraces."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = (
    r'"(?P<file>[^"\n]+)"(?: \(inlined\))?, lines? (?P<line>\d+)(?P<lines>-\d+)?, '
    r"characters (?P<start>\d+)-(?P<end>\d+)"
)
_FATAL = re.compile(r"Fatal error: exception (?P<message>\S.*)$")
# The formats of the interactive system, and of Base and Core, which name the exception below.
_OTHER = re.compile(r"Exception: (?P<message>\S.*?)\.?$|Uncaught exception:$")
_WITH_PLACE = re.compile(r"File " + _PLACE + r": (?P<message>\S.*)$")
_FRAME = re.compile(
    r"(?:Raised|Re-raised|Called) (?:at|from|by primitive operation at) "
    r"(?:(?P<module>[^\s\"]+) in )?(?:file " + _PLACE + r"|unknown location)$"
)
_STANDARD = re.compile(r"(?:Stdlib|Camlinternal|Topeval|Toploop|Topdirs)")
_OLD_STANDARD = re.compile(
    r"(?:pervasives|list|array|hashtbl|string|bytes|map|set|printf|format|scanf|buffer|queue|"
    r"stack|stream|str|unix|lexing|parsing|arg|camlinternal\w+)\.ml$"
)
"""Before OCaml 4.11, frames named no module."""
_LIBRARY = re.compile(r"(?:Base|Core|Core_kernel|Async\w*|Lwt\w*|Eio\w*|Fmt|Cmdliner)(?:__|\.|$)")
_LIMIT = 20
"""The most lines in which Base and Core print the exception."""


class OcamlTrace(Parser):
    """Reads the exception, and one line for each call that it went through.

    Its place is the first of those calls in the project's own code. Characters are bytes from 0.
    """

    TOOLS = "OCaml: uncaught exceptions"
    HINTS = ("Fatal error: exception ", "\nException: ", "\nUncaught exception:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message: list[str] | None = None
        """The text of an exception whose place is still to come."""
        self._span = NOWHERE
        """A place in a library, which is used if there is no better one."""
        self._is_sure = False
        self._has_frames = False
        self._lines = 0

    def begin(self, line: str) -> bool | None:
        self._close()
        self._span, self._has_frames, self._lines = NOWHERE, False, 0
        if match := _FATAL.match(line):
            self._is_sure, self._message = True, [match["message"]]
            if place := _WITH_PLACE.match(match["message"]):
                self._message = [place["message"]]
                self._add(self._placed(place))
            return True
        match = _OTHER.match(line)
        if not match:
            return False
        self._is_sure, self._message = False, [match["message"]] if match["message"] else []
        return None

    def more(self, line: str) -> bool | None:
        if match := _FRAME.match(line):
            self._has_frames = True
            self._frame(match)
            return True
        if self._is_sure or self._has_frames or self._message is None:
            self._close()
            return False
        self._lines += 1
        # In the interactive system the backtrace follows at once.
        is_message = (not line.strip() or line.startswith("  ")) and self._lines < _LIMIT
        if not is_message or (self._message and self._lines == 1 and line.strip()):
            self._message = None
            return False
        if line.strip():
            self._message.append(line.strip())
        return None

    def finish(self) -> None:
        self._close()

    def _frame(self, match: re.Match[str]) -> None:
        module = match["module"] or ""
        if not match["file"] or _STANDARD.match(module) or match["file"].startswith("stdlib"):
            return
        if not module and _OLD_STANDARD.match(match["file"]):
            return
        span = self._placed(match)
        if _LIBRARY.match(module):
            self._span = span if self._span is NOWHERE else self._span
        elif self._message is not None:
            self._add(span)
        elif self.at is not None and span != self.report.diagnostics[self.at].span:
            self.note(span, re.split(r"(?: in)? file ", match[0])[0])

    def _placed(self, match: re.Match[str]) -> Span:
        start, end = (
            str(int(match[name]) + 1) if len(match[name]) < 9 else "" for name in ("start", "end")
        )
        end = "" if match["lines"] else end
        return self.report.span(match["file"], match["line"], start, None, end)

    def _add(self, span: Span) -> None:
        message, self._message = self._message or [], None
        self.add(span, Severity.ERROR, "\n".join(message) or "uncaught exception", "ocaml")

    def _close(self) -> None:
        if self._message is not None and (self._is_sure or self._has_frames):
            self._add(self._span)
        self._message = None
