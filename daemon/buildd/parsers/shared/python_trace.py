"""Reads the frames of a Python exception, whichever tool prints them."""

from __future__ import annotations

import re

from buildd.model import Related, Span
from buildd.parsers.report import NOWHERE, ParseResult

START = "Traceback (most recent call last):"
FRAME = re.compile(r' *File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?P<rest>,? in .*)?$')
CHAINS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_OTHER = re.compile(
    r"[\\/](?:site|dist)-packages[\\/]|[\\/]lib(?:64)?[\\/](?:python|pypy)\d|^<|^\s*$"
    r"|[\\/][Pp]ython[\d.-]*[\\/][Ll]ib[\\/]|[\\/]s?bin[\\/][^\\/.]+$|[\\/]__pypackages__[\\/]"
)


def is_other(file: str) -> bool:
    """Returns whether a frame lies in code that is not the project's own."""
    return _OTHER.search(file) is not None


class Trace:
    """Reads the frames of one exception, and of those that it was raised from.

    Feed it the lines below the first line, without what stands before each of them.
    """

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._frames: list[tuple[str, Span]] = []
        self.is_syntax = False
        self.related: list[Related] = []
        self.message = ""
        """What the exception says, with its type; empty until that was read."""

    def frame(self, line: str) -> bool:
        """Returns whether the line is a frame."""
        match = FRAME.match(line)
        if not match:
            return False
        # A syntax error prints its place as a frame without a function.
        self.is_syntax = not match["rest"]
        self.add(match["file"], match["line"])
        return True

    def add(self, file: str, line: str) -> None:
        """Adds the next frame, which was called by the one before."""
        # Compiled Cython prints the same file name for all its frames, wherever they are.
        is_inner = file.endswith((".pyx", ".pxi")) and not file.startswith("/")
        if is_inner and self._frames and not self._frames[-1][0]:
            file = ""
        span = NOWHERE if not file or file.startswith("<") else self._report.span(file, line)
        self._frames.append(("" if is_other(file) else file, span))
        del self._frames[200:-200]

    def end(self, message: str) -> None:
        """Sets the exception's own line."""
        self.message = message

    def chain(self) -> None:
        """Starts another exception, which this one led to."""
        if self.message:
            self.related.append(Related(span=self.span, message=self.message))
        self._frames, self.message, self.is_syntax = [], "", False

    @property
    def has_frames(self) -> bool:
        """Returns whether any place was read."""
        return bool(self._frames)

    @property
    def span(self) -> Span:
        """Returns the innermost frame in the project's own code.

        If there is none, it is the innermost frame that is in a file, or NOWHERE.
        """
        if self.is_syntax and self._frames and self._frames[-1][1].file:
            return self._frames[-1][1]
        own = [span for file, span in self._frames if file and span.file]
        every = own or [span for _, span in self._frames if span.file]
        return every[-1] if every else NOWHERE

    def notes(self) -> list[Related]:
        """Returns notes for the callers, the nearest first, after the earlier exceptions."""
        at = self.span
        calls: list[Related] = []
        for file, span in reversed(self._frames):
            call = Related(span=span, message="called from here")
            if file and span.file and span != at and call not in calls:
                calls.append(call)
        return [*self.related[:20], *calls[:20]]
