"""Parses the output of a run, and converts what it found to the host's paths."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from buildd.base.lines import LineDecoder
from buildd.files.file_lookup import DigestOf, FileLookup
from buildd.files.path_map import diagnostic_to_host, nearest, text_to_host, to_host
from buildd.model import Diagnostic, Mount, Related, Severity, TestResult
from buildd.output.incremental import IncrementalBuild
from buildd.output.percent import percentage
from buildd.parsers import choose
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.testing.declarations import Declarations

_INSTALLED = re.compile(
    r"/(?:site-packages|dist-packages|node_modules|\.cargo/(?:registry|git)|rustlib|pkg/mod|"
    r"vendor/bundle|gems)/|/usr/(?:local/)?(?:lib|include|share)/|/usr/local/go/"
)
"""Paths of code that the user has only installed."""

_LOUD = (Severity.WARNING, Severity.INFORMATION)

_ready: set[tuple[str, ...]] = set()


async def ready(parsers: tuple[str, ...]) -> None:
    """Load these parsers, which takes some tenths of a second the first time."""
    if parsers not in _ready:
        await asyncio.to_thread(choose, parsers, os.sep)
        _ready.add(parsers)


class OutputParser:
    """Parses output as it arrives, and collects diagnostics and tests in the container's paths.

    `directory` is where the command starts, in the container. `rebuilt` reads the output too, to
    tell what was built again. `matchers` are as in `Task`, `folder` is the project's directory in
    the container.
    """

    def __init__(
        self,
        parsers: tuple[str, ...],
        directory: str,
        rebuilt: IncrementalBuild | None = None,
        matchers: Sequence[str | dict[str, Any]] = (),
        folder: str = "",
    ) -> None:
        self._lines = LineDecoder()
        self._log = choose(parsers, directory, _factories(matchers, folder or directory))
        self.rebuilt = rebuilt or IncrementalBuild()
        self.percentage: int | None = None
        """How far the tool says that it is; None if it does not."""

    def feed(self, data: bytes) -> None:
        """Read a piece of the output."""
        self._read(self._lines.feed(data))

    def finish(self) -> None:
        """Read what is left, at the end of the output."""
        self._read(self._lines.finish())
        self._log.finish()

    @property
    def count(self) -> int:
        """A number that changes whenever something new is found."""
        return self._log.report.changes

    def diagnostics(self) -> list[Diagnostic]:
        """Return a copy of the diagnostics so far."""
        report = self._log.report
        return report.diagnostics[report.since :]

    def tests(self) -> list[TestResult]:
        """Return a copy of the tests so far."""
        return list(self._log.report.tests)

    def _read(self, block: str) -> None:
        if block:
            percent = percentage(block)
            # Never back: a second tool of the same run counts from 0 again.
            if percent is not None and percent > (self.percentage or 0):
                self.percentage = percent
            self._log.feed(block)
            self.rebuilt.feed(block)


def _factories(
    matchers: Sequence[str | dict[str, Any]], folder: str
) -> list[Callable[[ParseResult], Parser]]:
    if not matchers:
        return []
    from buildd.matchers import make  # imported here, because most tasks have none

    return [make(definition, folder=folder) for definition in matchers]


def locate(
    diagnostics: Sequence[Diagnostic],
    mounts: Sequence[Mount],
    project: str,
    otherwise: str,
    look: DigestOf,
) -> list[Diagnostic]:
    """Return the diagnostics with the host's paths. Reads directories: call it in a thread.

    A file that is not where the tool named it (because its output did not name the directory) is
    looked for in the project, and used if exactly one file fits. `otherwise` is the file of
    diagnostics whose file only the container can show.
    """
    search = FileLookup(project, look)
    roots = tuple(f"{root.rstrip(os.sep)}{os.sep}" for root in (project, *_sources(mounts)))
    located = []
    for reported in diagnostics:
        diagnostic = _in_own_file(diagnostic_to_host(reported, mounts, otherwise), roots)
        file = diagnostic.span.file
        is_own = file != otherwise and not _INSTALLED.search(file)
        if _INSTALLED.search(reported.span.file) and not is_own and diagnostic.severity in _LOUD:
            # The user cannot fix it, so it is shown with the lowest severity.
            diagnostic = msgspec.structs.replace(diagnostic, severity=Severity.HINT)
        related = tuple(
            msgspec.structs.replace(note, span=search.locate(note.span))
            for note in diagnostic.related
        )
        fixes = tuple(
            msgspec.structs.replace(
                fix,
                edits=tuple(
                    msgspec.structs.replace(edit, span=search.locate(edit.span))
                    for edit in fix.edits
                ),
            )
            for fix in diagnostic.fixes
        )
        span = search.locate(diagnostic.span)
        located.append(msgspec.structs.replace(diagnostic, span=span, related=related, fixes=fixes))
    return list(dict.fromkeys(located))


def _sources(mounts: Sequence[Mount]) -> list[str]:
    return [mount.source for mount in mounts]


def _in_own_file(diagnostic: Diagnostic, roots: tuple[str, ...]) -> Diagnostic:
    """Move a diagnostic of another file, as a system header, to the user's line that leads there.

    That is the line that includes the header or instantiates a template of it.
    """
    span = diagnostic.span
    if span.file.startswith(roots):
        return diagnostic
    own = [note for note in diagnostic.related if note.span.file.startswith(roots)]
    if not own:
        return diagnostic
    chosen = nearest(own)
    rest = (note for note in diagnostic.related if note is not chosen)
    return msgspec.structs.replace(
        diagnostic,
        span=chosen.span,
        message=f"{span.file}:{span.line}: {diagnostic.message}",
        related=(Related(span=span, message="found here"), *rest),
        fixes=(),
    )


def locate_tests(
    tests: Sequence[TestResult],
    mounts: Sequence[Mount],
    project: str,
    look: DigestOf,
    declarations: Declarations,
) -> list[TestResult]:
    """Return the tests with the host's paths, as `locate` does, and with their declarations.

    A place that only the container can show is left out. A test's own path stays as the tool
    knows it.
    """
    search = FileLookup(project, look)
    located = []
    for test in tests:
        span = None
        if test.span and test.span.file and (file := to_host(test.span.file, mounts)):
            span = search.locate(msgspec.structs.replace(test.span, file=file))
        located.append(
            msgspec.structs.replace(
                test,
                span=span,
                declared=declarations.of(test),
                message=text_to_host(test.message, mounts),
                output=text_to_host(test.output, mounts),
            )
        )
    return located
