"""Parsers: text of one tool in, diagnostics out. Pure and total: no I/O, no exception on any text.

To add one: write a module with a class that satisfies `Parser`, and add a line to `PARSERS`.
"""

from __future__ import annotations

from typing import Protocol

from buildd.model import Diagnostic


class Parser(Protocol):
    """One reading of one run's output.

    `directory` is where the command started, absolute, as the tool saw it (in the container).
    Files in `diagnostics` are absolute in that same view; relative names are resolved against the
    directory the tool ran in. No file system is consulted.
    """

    diagnostics: list[Diagnostic]
    """All found so far, in order of appearance. The last may still grow by notes."""

    def __init__(self, directory: str) -> None: ...

    def feed(self, block: str) -> None:
        """Read whole lines: `block` ends with a newline, holds no escape sequences and no CR."""

    def finish(self) -> None:
        """The output has ended."""


import re
from buildd.model import Span, Severity
class _G:
    def __init__(self,d): self.d=d; self.diagnostics=[]
    def feed(self,b):
        for l in b.splitlines():
            m=re.match(r"([^:\s]+):(\d+):(\d+): (error|warning): (.*)",l)
            if m: self.diagnostics.append(Diagnostic(span=Span(file=__import__("os").path.join(self.d,m[1]),line=int(m[2]),column=int(m[3])),severity=Severity(m[4]),message=m[5],source="gcc"))
    def finish(self): pass
def choose(n,d): return [_G(d)]

PARSERS={"gcc":_G}
