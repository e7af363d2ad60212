"""What every parser is."""

from __future__ import annotations

from typing import Protocol

from buildd.model import Diagnostic


class Parser(Protocol):
    """One reading of one run's output.

    `directory` is where the command started, absolute, as the tool saw it (in the container).
    Files in `diagnostics` are absolute in that same view; relative names are resolved against the
    directory the tool ran in. An empty file is a finding that names no place. No file system is
    consulted.
    """

    diagnostics: list[Diagnostic]
    """All found so far, in order of appearance. The last may still grow by notes."""

    def __init__(self, directory: str) -> None: ...

    def feed(self, block: str) -> None:
        """Read whole lines: `block` ends with a newline, holds no escape sequences and no CR."""

    def finish(self) -> None:
        """The output has ended."""
