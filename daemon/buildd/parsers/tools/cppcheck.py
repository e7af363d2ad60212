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
# Its own place is the last, those before are what has led there.
_OLD = re.compile(
    r"(?P<before>(?:\[[^\]\n]*\] -> )*)"
    r"\[(?P<file>[^\s:\]][^:\]]*):(?P<line>\d+)(?::(?P<column>\d+))?\]: "
    r"\((?P<kind>error|warning|style|performance|portability|information)"
    r"(?:, inconclusive)?\) (?P<message>.*)"
)
_BEFORE = re.compile(r"\[(?P<file>[^\s:\]][^:\]]*):(?P<line>\d+)\]")
# Templates `vs` and `edit`, where only kinds of its own tell it from a compiler.
_TEMPLATES = re.compile(
    path(
        "c", "cc", "cpp", "cxx", "C", "c\\+\\+", "h", "hh", "hpp", "hxx", "ino", "tpp", "txx", "ipp"
    )
    + r"(?:\((?P<line>\d+)\)| \+(?P<row>\d+)): (?P<kind>style|performance|portability)"
    r"(?: \((?P<code>\w+)\))?: (?P<message>.*)"
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
             ": information: ", ": debug: ", "]: (", ": style (", ": performance (",
             ": portability (", "nofile")  # fmt: skip

    def begin(self, line: str) -> bool:
        if line.startswith(("nofile:", "nofile(", "nofile +")):
            return True  # that it did not see all headers: nothing to mend in any line
        match = _LINE.match(line) or _OLD.match(line) or _TEMPLATES.match(line)
        if not match:
            return False
        group = match.groupdict()
        code = group.get("code") or ""
        if re.split(r"[.-]", code)[0] in _TIDY and not code.isalnum():
            return False  # clang-tidy's, or that of clang's static analyzer
        file = "" if match["file"] == "nofile" else match["file"]
        row = match["line"] or group.get("row")
        span = self.report.span(file, row, group.get("column"), unit=ColumnUnit.BYTE)
        self.add(span, _KINDS[match["kind"]], match["message"], "cppcheck", code)
        for one in _BEFORE.finditer(group.get("before") or ""):
            place = self.report.span(one["file"], one["line"])
            if place != span:
                self.note(place, "led from here")
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
        "alpha",
        "apiModeling",
        "core",
        "cplusplus",
        "deadcode",
        "debug",
        "nullability",
        "optin",
        "osx",
        "security",
        "unix",
        "valist",
        "webkit",
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
"""The groups of clang-tidy's and of the static analyzer's checks, which look the same."""
