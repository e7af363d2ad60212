"""cppcheck."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser, path

_LINE = re.compile(
    path(
        "c", "cc", "cpp", "cxx", "C", "c\\+\\+", "h", "hh", "hpp", "hxx", "ino", "tpp", "txx", "ipp"
    )
    + r":(?P<line>\d+):(?:(?P<column>\d+):)? "
    r"(?P<kind>error|warning|style|performance|portability|information|debug): "
    r"(?P<inconclusive>inconclusive: )?(?P<message>.*) \[(?P<code>[A-Za-z][\w.-]*)\]$"
)
_OLD = re.compile(
    r"\[(?P<file>[^\s:\]][^:\]]*):(?P<line>\d+)\](?: -> \[[^\]]*\])*: "
    r"\((?P<kind>error|warning|style|performance|portability|information)"
    r"(?:, inconclusive)?\) (?P<message>.*)"
)
_NOTE = re.compile(
    path("c", "cc", "cpp", "cxx", "C", "h", "hh", "hpp", "hxx")
    + r":(?P<line>\d+):(?:(?P<column>\d+):)? note: (?P<message>.*)"
)
_MARKS = re.compile(r"\s*\^\s*$")
_KINDS = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "performance": Severity.WARNING,
    "portability": Severity.WARNING,
    "style": Severity.INFORMATION,
    "information": Severity.INFORMATION,
    "debug": Severity.HINT,
}


class Cppcheck(Parser):
    """As gcc's lines, but with kinds of its own and the name of the check at the end."""

    TOOLS = "cppcheck"
    HINTS = (": error: ", ": warning: ", ": style: ", ": performance: ", ": portability: ",
             ": information: ", ": debug: ", "]: (")  # fmt: skip

    def begin(self, line: str) -> bool:
        if line.startswith("nofile:"):
            return True  # that it did not see all headers: nothing to mend in any line
        match = _LINE.match(line) or _OLD.match(line)
        if not match:
            return False
        group = match.groupdict()
        code = group.get("code") or ""
        if "-" in code and code.partition("-")[0] in _TIDY:
            return False  # clang-tidy's
        file = "" if match["file"] == "nofile" else match["file"]
        span = self.report.span(file, match["line"], group.get("column"), unit=ColumnUnit.BYTE)
        self.add(span, _KINDS[match["kind"]], match["message"], "cppcheck", code)
        return True

    def more(self, line: str) -> bool | None:
        if match := _NOTE.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
            self.note(span, match["message"])
            return True
        if _MARKS.match(line):
            return True
        # The source line above the mark.
        return None


_TIDY = frozenset(
    (
        "abseil",
        "altera",
        "android",
        "boost",
        "bugprone",
        "cert",
        "clang",
        "concurrency",
        "cppcoreguidelines",
        "darwin",
        "fuchsia",
        "google",
        "hicpp",
        "linuxkernel",
        "llvm",
        "llvmlibc",
        "misc",
        "modernize",
        "mpi",
        "objc",
        "openmp",
        "performance",
        "portability",
        "readability",
        "zircon",
    )
)
"""The groups of clang-tidy's checks, which look the same."""
