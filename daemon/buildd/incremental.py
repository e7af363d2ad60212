"""What an incremental build did not build again, and so did not speak of. Pure but for `kept`.

make and ninja compile what has changed. A warning of a file that was not compiled is still true,
and must not go away because the compiler was not asked. What was compiled is told by the log: make
echoes its commands, ninja and cmake name each object. A log that tells nothing leaves no choice but
to believe that all was built.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Sequence

import ahocorasick_rs

from buildd.model import Diagnostic

COMPILERS = frozenset({"gcc", "clang", "clang-tidy", "gfortran", "nvcc", "icc", "flang", "g++"})
"""Sources whose findings belong to one unit, and that say nothing of units they need not build."""

_IDLE = ("Nothing to be done for", " is up to date", "no work to do", "up-to-date")
_ECHO = (" -c ", "Building ", "Compiling ", " CC ", " CXX ", "  CC", "  CXX")
_OBJECT = re.compile(r"[\w+-]\.(?:o|lo|obj)\b")
_LINK = re.compile(r"\s*(?:\S*/)?(?:[\w-]*ar|[\w-]*ranlib|[\w-]*ld|strip|objcopy|libtool) ")


class Rebuilt:
    """Feed it a log; it tells which units of these earlier findings were built again."""

    def __init__(self, earlier: Iterable[Diagnostic]) -> None:
        units = {unit(one) for one in earlier if one.source in COMPILERS}
        self._words: list[tuple[str, str]] = []
        for path in units:
            name = posixpath.basename(path)
            stem = name.rpartition(".")[0] or name
            self._words += [
                (name, path),
                *((f"{stem}{end}", path) for end in (".o", ".lo", ".obj")),
            ]
        self._built: set[str] = set()
        self._is_telling = False
        words = [word for word, _ in self._words] + [*_IDLE, *_ECHO]
        self._automaton = ahocorasick_rs.AhoCorasick(words) if units else None

    def feed(self, block: str) -> None:
        """Read whole lines."""
        if self._automaton is None:
            return
        for number, start, end in self._automaton.find_matches_as_indexes(block, overlapping=True):
            if number >= len(self._words):
                self._is_telling = True
                continue
            word, path = self._words[number]
            if path in self._built or not _stands_alone(block, start, end):
                continue
            line_start = block.rfind("\n", 0, start) + 1
            line_end = block.find("\n", end)
            line = block[line_start : line_end if line_end >= 0 else len(block)]
            if any(word in line for word in _IDLE):
                continue  # make names what it need not build
            is_object = block[end : end + 2] == ".o" or word.endswith((".o", ".lo", ".obj"))
            if not is_object or not _links(line):
                self._built.add(path)

    def speaks_of(self, one: Diagnostic) -> bool:
        """Whether the log has, or may have, a newer word on what this is about."""
        return not self._is_telling or one.source not in COMPILERS or unit(one) in self._built


def unit(one: Diagnostic) -> str:
    """The file that was compiled when this was found: the outermost one that includes its own."""
    chain = [note.span.file for note in one.related if note.message == "included from here"]
    return chain[-1] if chain else one.span.file


def kept(
    earlier: Sequence[Diagnostic], rebuilt: Rebuilt, found: Sequence[Diagnostic], since: float
) -> list[Diagnostic]:
    """Of the `earlier` findings those that still hold: of units that were not built again, in files
    that have not changed `since` then. Looks at the file system: call it in a thread."""
    known = {(one.span.file, one.message) for one in found}
    return [
        one
        for one in earlier
        if not rebuilt.speaks_of(one)
        and (one.span.file, one.message) not in known
        and all(_is_unchanged(file, since) for file in {one.span.file, unit(one)})
    ]


def _is_unchanged(file: str, since: float) -> bool:
    try:
        return os.stat(file).st_mtime <= since
    except OSError:
        return False


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
