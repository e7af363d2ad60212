"""The frames of a Python exception, whoever prints them."""

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
    """Whether a frame lies in what the user did not write."""
    return _OTHER.search(file) is not None


class Trace:
    """The frames of one exception, and of those that led to it. Feed it the lines below the head,
    without what stands before each of them."""

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._frames: list[tuple[str, Span]] = []
        self.is_syntax = False
        self.related: list[Related] = []
        self.message = ""
        """What the exception says, with its type; empty until that was told."""

    def frame(self, line: str) -> bool:
        """Whether the line was a frame."""
        match = FRAME.match(line)
        if not match:
            return False
        # A syntax error names its place as a frame without a function.
        self.is_syntax = not match["rest"]
        self.add(match["file"], match["line"])
        return True

    def add(self, file: str, line: str) -> None:
        """Add the next frame, further in than those before."""
        # Compiled Cython says its own name for a file, wherever that was.
        is_inner = file.endswith((".pyx", ".pxi")) and not file.startswith("/")
        if is_inner and self._frames and not self._frames[-1][0]:
            file = ""
        span = NOWHERE if not file or file.startswith("<") else self._report.span(file, line)
        self._frames.append(("" if is_other(file) else file, span))
        del self._frames[200:-200]

    def end(self, message: str) -> None:
        """The exception's own line."""
        self.message = message

    def chain(self) -> None:
        """Another exception follows that this one led to."""
        if self.message:
            self.related.append(Related(span=self.span, message=self.message))
        self._frames, self.message, self.is_syntax = [], "", False

    @property
    def has_frames(self) -> bool:
        """Whether any place was told."""
        return bool(self._frames)

    @property
    def span(self) -> Span:
        """The innermost frame of the user's own code; without one, of all that are files."""
        if self.is_syntax and self._frames and self._frames[-1][1].file:
            return self._frames[-1][1]
        own = [span for file, span in self._frames if file and span.file]
        every = own or [span for _, span in self._frames if span.file]
        return every[-1] if every else NOWHERE

    def notes(self) -> list[Related]:
        """Who called, the nearest first, and what came before."""
        at = self.span
        calls: list[Related] = []
        for file, span in reversed(self._frames):
            one = Related(span=span, message="called from here")
            if file and span.file and span != at and one not in calls:
                calls.append(one)
        return [*self.related[:20], *calls[:20]]
