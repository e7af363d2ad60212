"""What an incremental build did not build again, and so did not speak of. Pure but for `kept`.

make and ninja compile what has changed. A warning of a file that was not compiled is still true,
and must not go away because the compiler was not asked. What was compiled is told by the log: make
echoes its commands, ninja and cmake name each object. Where no log of the command has ever told,
there is no choice but to believe that all was built. The log of a run that was broken off is not
whole: what it does not name may not have been built.
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
"""Sources whose findings belong to one unit, and that say nothing of units they need not build."""

_IDLE = ("Nothing to be done for", " is up to date", "no work to do", "up-to-date")
_OPTION = " -c "
_ECHO = (_OPTION, "Building ", "Compiling ", " CC ", " CXX ", "  CC", "  CXX")
_OBJECT = re.compile(r"[\w+-]\.(?:o|lo|obj)\b")
_UNIT = re.compile(r"\.(?:[cCmsS]|cc|cpp|cxx|c\+\+|mm|[fF]\d*|cu)\b")
_GUTTER = re.compile(r" *\d+ \|")
_LINK = re.compile(r"\s*(?:\S*/)?(?:[\w-]*ar|[\w-]*ranlib|[\w-]*ld|strip|objcopy|libtool) ")


class Known(NamedTuple):
    """What a run found that began at `since` and ended at `until` (seconds since the epoch)."""

    diagnostics: Sequence[Diagnostic]
    since: float
    until: float
    naming_command: Command | None = None
    """Its command, if that is known to name what it compiles; see `names_units`."""


class IncrementalBuild:
    """Feed it the log of a command; it tells which units of these earlier findings were built
    again."""

    def __init__(self, earlier: Sequence[Known] = (), command: Command = "") -> None:
        found = [one for known in earlier for one in known.diagnostics]
        units = {unit(one) for one in found if one.source in COMPILERS}
        self._words: list[tuple[str, str]] = []
        for path in units:
            name = posixpath.basename(path)
            stem = name.rpartition(".")[0] or name
            self._words += [
                (name, path),
                *((f"{stem}{end}", path) for end in (".o", ".lo", ".obj")),
            ]
        self._built: set[str] = set()
        self._has_told = any(known.naming_command == command for known in earlier)
        self._echoes = self._is_idle = False
        words = [*(word for word, _ in self._words), *_ECHO, *_IDLE]
        self._automaton = ahocorasick_rs.AhoCorasick(words)

    def feed(self, block: str) -> None:
        """Read whole lines."""
        if not self._words and (self._echoes or self._has_told):
            return
        for number, start, end in self._automaton.find_matches_as_indexes(block, overlapping=True):
            if number >= len(self._words):
                is_echo = number < len(self._words) + len(_ECHO)
                self._is_idle |= not is_echo
                # A shell, too, has an option -c.
                if is_echo and not self._echoes:
                    word = block[start:end]
                    self._echoes = word != _OPTION or bool(_UNIT.search(_line(block, start, end)))
                continue
            word, path = self._words[number]
            if path in self._built or not _stands_alone(block, start, end):
                continue
            line = _line(block, start, end)
            if any(word in line for word in _IDLE):
                continue  # make names what it need not build
            is_object = block[end : end + 2] == ".o" or word.endswith((".o", ".lo", ".obj"))
            if not is_object or not _links(line):
                self._built.add(path)

    def speaks_of(self, one: Diagnostic) -> bool:
        """Whether the log has, or may have, a newer word on what this is about."""
        is_telling = self._has_told or self._echoes or self._is_idle
        return not is_telling or one.source not in COMPILERS or self.names(one)

    def names_units(self, *, has_succeeded: bool) -> bool:
        """Whether the command is known to tell what it compiles: it did once, in a build without
        failures, for some tools tell only what has failed."""
        return self._has_told or (self._echoes and has_succeeded)

    def names(self, one: Diagnostic) -> bool:
        """Whether the log says that the unit was built again in which this was found."""
        return unit(one) in self._built


def unit(one: Diagnostic) -> str:
    """The file that was compiled when this was found: the outermost one that includes its own."""
    chain = [note.span.file for note in one.related if note.message == "included from here"]
    return chain[-1] if chain else one.span.file


def kept(
    earlier: Sequence[Known], rebuilt: IncrementalBuild, found: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """Of what was known `earlier`, oldest first, what still holds: of units that were not built
    again, in files that have not changed since. Looks at the file system: call it in a thread."""
    lines = functools.cache(lambda file: split_lines(decode(read(file))))

    def holds(one: Diagnostic, known: Known) -> bool:
        file = one.span.file
        # What was written while the build was under way it may have read after that, or before.
        return all(_is_unchanged(path, known.until) for path in {file, unit(one)}) and (
            _is_unchanged(file, known.since) or _still_reads(one, lines(file))
        )

    said = {(one.span.file, one.message) for one in found}
    held: list[Diagnostic] = []
    for known in reversed(earlier):
        standing = [
            one
            for one in known.diagnostics
            if not rebuilt.speaks_of(one)
            and (one.span.file, one.message) not in said
            and holds(one, known)
        ]
        held += standing
        said.update((one.span.file, one.message) for one in standing)
    return held


def _is_unchanged(file: str, since: float) -> bool:
    try:
        return os.stat(file).st_mtime <= since
    except OSError:
        return False


def _still_reads(one: Diagnostic, lines: Sequence[str]) -> bool:
    """Whether the line is as the compiler has quoted it."""
    line = lines[one.span.line - 1].split() if one.span.line <= len(lines) else []
    quoted = (_GUTTER.sub("", line).split() for line in one.rendered.splitlines())
    return bool(line) and line in quoted


def _line(text: str, start: int, end: int) -> str:
    """The line with that part of the text."""
    after = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : after if after >= 0 else len(text)]


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() or before in ("_", "-", ".")) and not (
        after.isalnum() or after == "_"
    )


def _links(line: str) -> bool:
    """Whether a line that names an object puts it together with others."""
    if _LINK.match(line) or len(_OBJECT.findall(line)) > 1:
        return True
    return " -o " in line and " -c " not in line
