"""Keeps the findings of what an incremental build did not build again. Pure but for `still_valid`.

make and ninja compile only what has changed. A warning of a file that was not compiled again still
holds, although the compiler did not repeat it. The log says what was compiled: make prints its
commands, ninja and cmake name each object. If no log of a command has ever said that, everything
counts as built again. The log of a run that was broken off is incomplete: what it does not name may
not have been built.
"""

from __future__ import annotations

import functools
import os
import posixpath
import re
from collections.abc import Sequence
from typing import NamedTuple

import ahocorasick_rs

from buildd.diagnostics.source_snapshots import decode, read, split_lines
from buildd.model import Command, Diagnostic

COMPILERS = frozenset({"gcc", "clang", "clang-tidy", "gfortran", "nvcc", "icc", "flang", "g++"})
"""Sources of findings that belong to one unit, and are missing if the unit is not built again."""

_UP_TO_DATE = ("Nothing to be done for", " is up to date", "no work to do", "up-to-date")
_OPTION = " -c "
_COMMAND_WORDS = (_OPTION, "Building ", "Compiling ", " CC ", " CXX ", "  CC", "  CXX")
_OBJECT = re.compile(r"[\w+-]\.(?:o|lo|obj)\b")
_UNIT = re.compile(r"\.(?:[cCmsS]|cc|cpp|cxx|c\+\+|mm|[fF]\d*|cu)\b")
_GUTTER = re.compile(r" *\d+ \|")
_LINK = re.compile(r"\s*(?:\S*/)?(?:[\w-]*ar|[\w-]*ranlib|[\w-]*ld|strip|objcopy|libtool) ")


class Known(NamedTuple):
    """What a run found, and when it ran."""

    diagnostics: Sequence[Diagnostic]
    since: float
    """When the run began, in seconds since the epoch."""
    until: float
    """When it ended."""
    naming_command: Command | None = None
    """Its command, if that is known to name what it compiles; see `names_units`."""


class IncrementalBuild:
    """Reads the log of a command, and tells which units it built again.

    `known` are the findings of earlier runs, whose units are looked for in the log.
    """

    def __init__(self, known: Sequence[Known] = (), command: Command = "") -> None:
        found = [diagnostic for run in known for diagnostic in run.diagnostics]
        units = {unit_of(diagnostic) for diagnostic in found if diagnostic.source in COMPILERS}
        self._words: list[tuple[str, str]] = []
        """Words that name a unit in a log, each with the unit's path."""
        for path in units:
            name = posixpath.basename(path)
            stem = name.rpartition(".")[0] or name
            self._words += [
                (name, path),
                *((f"{stem}{end}", path) for end in (".o", ".lo", ".obj")),
            ]
        self._built: set[str] = set()
        self._named_before = any(run.naming_command == command for run in known)
        self._names_commands = self._is_up_to_date = False
        words = [*(word for word, _ in self._words), *_COMMAND_WORDS, *_UP_TO_DATE]
        self._automaton = ahocorasick_rs.AhoCorasick(words)

    def feed(self, block: str) -> None:
        """Read complete lines."""
        if not self._words and (self._names_commands or self._named_before):
            return
        for number, start, end in self._automaton.find_matches_as_indexes(block, overlapping=True):
            if number >= len(self._words):
                is_command = number < len(self._words) + len(_COMMAND_WORDS)
                self._is_up_to_date |= not is_command
                # A shell has an option -c, too.
                if is_command and not self._names_commands:
                    word = block[start:end]
                    line = _line(block, start, end)
                    self._names_commands = word != _OPTION or bool(_UNIT.search(line))
                continue
            word, path = self._words[number]
            if path in self._built or not _stands_alone(block, start, end):
                continue
            line = _line(block, start, end)
            if any(word in line for word in _UP_TO_DATE):
                continue  # make names what it need not build
            is_object = block[end : end + 2] == ".o" or word.endswith((".o", ".lo", ".obj"))
            if not is_object or not _links(line):
                self._built.add(path)

    def replaces(self, diagnostic: Diagnostic) -> bool:
        """Return whether an earlier diagnostic holds only if the log repeats it."""
        names_units = self._named_before or self._names_commands or self._is_up_to_date
        return not names_units or diagnostic.source not in COMPILERS or self.has_rebuilt(diagnostic)

    def has_rebuilt(self, diagnostic: Diagnostic) -> bool:
        """Return whether the log says that the unit of an earlier diagnostic was built again."""
        return unit_of(diagnostic) in self._built

    def names_units(self, *, has_succeeded: bool) -> bool:
        """Return whether the command is known to name what it compiles.

        It is if it did so once in a build without failures: some tools name only what failed.
        """
        return self._named_before or (self._names_commands and has_succeeded)


def unit_of(diagnostic: Diagnostic) -> str:
    """Return the file whose compiling found this: the outermost one that includes its own."""
    related = diagnostic.related
    chain = [note.span.file for note in related if note.message == "included from here"]
    return chain[-1] if chain else diagnostic.span.file


def still_valid(
    known: Sequence[Known], rebuilt: IncrementalBuild, found: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """Return the earlier findings that still hold, though this run did not repeat them.

    They are of units that were not built again, in files that have not changed since. `known` has
    the oldest run first, `found` is what this run found. Reads files: call it in a thread.
    """
    lines = functools.cache(lambda file: split_lines(decode(read(file))))

    def holds(diagnostic: Diagnostic, run: Known) -> bool:
        file = diagnostic.span.file
        # A file written during the build may have been read before or after that.
        return all(_is_unchanged(path, run.until) for path in {file, unit_of(diagnostic)}) and (
            _is_unchanged(file, run.since) or _still_reads(diagnostic, lines(file))
        )

    reported = {(diagnostic.span.file, diagnostic.message) for diagnostic in found}
    valid: list[Diagnostic] = []
    for run in reversed(known):
        of_run = [
            diagnostic
            for diagnostic in run.diagnostics
            if not rebuilt.replaces(diagnostic)
            and (diagnostic.span.file, diagnostic.message) not in reported
            and holds(diagnostic, run)
        ]
        valid += of_run
        reported.update((diagnostic.span.file, diagnostic.message) for diagnostic in of_run)
    return valid


def _is_unchanged(file: str, since: float) -> bool:
    try:
        return os.stat(file).st_mtime <= since
    except OSError:
        return False


def _still_reads(diagnostic: Diagnostic, lines: Sequence[str]) -> bool:
    """Whether the line is as the compiler quoted it."""
    number = diagnostic.span.line
    line = lines[number - 1].split() if number <= len(lines) else []
    quoted = (_GUTTER.sub("", line).split() for line in diagnostic.rendered.splitlines())
    return bool(line) and line in quoted


def _line(text: str, start: int, end: int) -> str:
    """The line that contains this part of the text."""
    after = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : after if after >= 0 else len(text)]


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() or before in ("_", "-", ".")) and not (
        after.isalnum() or after == "_"
    )


def _links(line: str) -> bool:
    """Whether a line that names an object links it with others."""
    if _LINK.match(line) or len(_OBJECT.findall(line)) > 1:
        return True
    return " -o " in line and " -c " not in line
