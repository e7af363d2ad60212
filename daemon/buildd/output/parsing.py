"""The reading of one run's output: bytes in, the project's diagnostics out, in the host's paths."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from buildd.base.lines import Lines
from buildd.base.safe_open import may_be_opened
from buildd.diagnostics.source_snapshots import FILE_LIMIT
from buildd.files.file_lookup import FileLookup, Look
from buildd.files.path_map import diagnostic_to_host, nearest, text_to_host, to_host
from buildd.model import Diagnostic, Mount, Related, Severity, Span, TestResult
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
"""Code that others wrote and the user has only installed, by its place."""

_LOUD = (Severity.WARNING, Severity.INFORMATION)

_ready: set[tuple[str, ...]] = set()


async def ready(parsers: tuple[str, ...]) -> None:
    """Have these parsers ready, which takes a few tenths of a second the first time."""
    if parsers not in _ready:
        await asyncio.to_thread(choose, parsers, os.sep)
        _ready.add(parsers)


class OutputParser:
    """Feed it output as it comes. `directory` is where the command starts, in the container;
    `rebuilt` knows what the task had found before, of which this run may not speak. `matchers` are
    as in `Task`, `folder` is the project's directory in the container."""

    def __init__(
        self,
        parsers: tuple[str, ...],
        directory: str,
        rebuilt: IncrementalBuild | None = None,
        matchers: Sequence[str | dict[str, Any]] = (),
        folder: str = "",
    ) -> None:
        self._lines = Lines()
        self._log = choose(parsers, directory, _factories(matchers, folder or directory))
        self.rebuilt = rebuilt or IncrementalBuild()
        self.percentage: int | None = None
        """How far the tool says that it is; None if it does not."""
        self.has_matchers = bool(matchers)
        """Whether it uses patterns of the user's, which may be slow."""

    def feed(self, data: bytes) -> None:
        self._read(self._lines.feed(data))

    def finish(self) -> None:
        self._read(self._lines.finish())
        self._log.finish()

    @property
    def count(self) -> int:
        """Another number whenever there is something new."""
        return self._log.report.changes

    def diagnostics(self) -> list[Diagnostic]:
        """What was found so far, in the container's paths; a copy."""
        report = self._log.report
        return report.diagnostics[report.since :]

    def tests(self) -> list[TestResult]:
        """What it told of tests so far, in the container's paths; a copy."""
        return list(self._log.report.tests)

    def _read(self, block: str) -> None:
        if block:
            told = percentage(block)
            # Never back: a second tool of the same run counts anew.
            if told is not None and told > (self.percentage or 0):
                self.percentage = told
            self._log.feed(block)
            self.rebuilt.feed(block)


def _factories(
    matchers: Sequence[str | dict[str, Any]], folder: str
) -> list[Callable[[ParseResult], Parser]]:
    if not matchers:
        return []
    from buildd.matchers import make  # here: most tasks have none

    return [make(definition, folder=folder) for definition in matchers]


def place(
    diagnostics: Sequence[Diagnostic],
    mounts: Sequence[Mount],
    project: str,
    otherwise: str,
    look: Look,
) -> list[Diagnostic]:
    """The diagnostics in the host's paths. Looks at the file system: call it in a thread.

    A file that is not where the tool's name for it leads (a directory that no output told of) is
    looked for in the project, and taken if exactly one file fits.
    """
    search = FileLookup(project, look)
    roots = tuple(f"{root.rstrip(os.sep)}{os.sep}" for root in (project, *_sources(mounts)))
    placed = []
    for told in diagnostics:
        one = _at_home(diagnostic_to_host(told, mounts, otherwise), roots)
        is_led_to = one.span.file != otherwise and not _INSTALLED.search(one.span.file)
        if _INSTALLED.search(told.span.file) and not is_led_to and one.severity in _LOUD:
            # Not the user's to mend, so as quiet as can be.
            one = msgspec.structs.replace(one, severity=Severity.HINT)
        related = tuple(
            msgspec.structs.replace(note, span=search.locate(note.span)) for note in one.related
        )
        fixes = tuple(
            msgspec.structs.replace(
                fix,
                edits=tuple(
                    msgspec.structs.replace(edit, span=search.locate(edit.span))
                    for edit in fix.edits
                ),
            )
            for fix in one.fixes
        )
        one = msgspec.structs.replace(
            one, span=search.locate(one.span), related=related, fixes=fixes
        )
        placed.append(_openable(one, otherwise))
    return list(dict.fromkeys(placed))


def _openable(diagnostic: Diagnostic, otherwise: str) -> Diagnostic:
    """Move a diagnostic out of what is no file, such as a named pipe.

    Some editors read each file that has a diagnostic, and would wait for ever.
    """
    span = diagnostic.span
    if may_be_opened(span.file, FILE_LIMIT):
        return diagnostic
    return msgspec.structs.replace(
        diagnostic,
        span=Span(file=otherwise, line=1),
        message=f"{span.file}:{span.line}: {diagnostic.message}",
        fixes=(),
    )


def _sources(mounts: Sequence[Mount]) -> list[str]:
    return [mount.source for mount in mounts]


def _at_home(one: Diagnostic, roots: tuple[str, ...]) -> Diagnostic:
    """A finding in somebody else's file, as a header of the system, is shown where the user's own
    leads to it: at what includes or instantiates it."""
    if one.span.file.startswith(roots):
        return one
    own = [note for note in one.related if note.span.file.startswith(roots)]
    if not own:
        return one
    place = nearest(own)
    rest = (note for note in one.related if note is not place)
    return msgspec.structs.replace(
        one,
        span=place.span,
        message=f"{one.span.file}:{one.span.line}: {one.message}",
        related=(Related(span=one.span, message="found here"), *rest),
        fixes=(),
    )


def place_tests(
    tests: Sequence[TestResult],
    mounts: Sequence[Mount],
    project: str,
    look: Look,
    declarations: Declarations,
) -> list[TestResult]:
    """The tests with their places and what they said in the host's paths, as for `place`, and with
    where they are written; a place that only the container can show is left out. Their own paths
    stay: the tool knows them so."""
    search = FileLookup(project, look)
    placed = []
    for one in tests:
        span = None
        if one.span and one.span.file and (file := to_host(one.span.file, mounts)):
            span = search.locate(msgspec.structs.replace(one.span, file=file))
        placed.append(
            msgspec.structs.replace(
                one,
                span=span,
                declared=declarations.of(one),
                message=text_to_host(one.message, mounts),
                output=text_to_host(one.output, mounts),
            )
        )
    return placed
