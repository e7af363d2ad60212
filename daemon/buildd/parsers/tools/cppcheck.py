"""Reads Cppcheck, a static analyzer for C and C++."""

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
# The last place is the diagnostic's own; those before lead to it.
_OLD = re.compile(
    r"(?P<before>(?:\[[^\]\n]*\] -> )*)"
    r"\[(?P<file>[^\s:\]][^:\]]*):(?P<line>\d+)(?::(?P<column>\d+))?\]: "
    r"\((?P<kind>error|warning|style|performance|portability|information)"
    r"(?:, inconclusive)?\) (?P<message>.*)"
)
_BEFORE = re.compile(r"\[(?P<file>[^\s:\]][^:\]]*):(?P<line>\d+)\]")
# The templates `vs` and `edit`, which only Cppcheck's own severities tell from a compiler.
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
    """Reads lines like gcc's, with other severities and the name of the check at the end."""

    TOOLS = "cppcheck"
    HINTS = (": error: ", ": warning: ", ": style: ", ": performance: ", ": portability: ",
             ": information: ", ": debug: ", "]: (", ": style (", ": performance (",
             ": portability (", "nofile")  # fmt: skip

    def begin(self, line: str) -> bool:
        if line.startswith(("nofile:", "nofile(", "nofile +")):
            return True  # it did not find all headers: there is nothing to fix in a line
        match = _LINE.match(line) or _OLD.match(line) or _TEMPLATES.match(line)
        if not match:
            return False
        group = match.groupdict()
        code = group.get("code") or ""
        if re.split(r"[.-]", code)[0] in _TIDY and not code.isalnum():
            return False  # a check of clang-tidy or of clang's static analyzer
        file = "" if match["file"] == "nofile" else match["file"]
        row = match["line"] or group.get("row")
        span = self.report.span(file, row, group.get("column"), unit=ColumnUnit.BYTE)
        self.add(span, _KINDS[match["kind"]], match["message"], "cppcheck", code)
        for step in _BEFORE.finditer(group.get("before") or ""):
            place = self.report.span(step["file"], step["line"])
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
        # It is the source line above the mark.
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
"""The groups of checks of clang-tidy and clang's static analyzer, whose lines look the same."""
