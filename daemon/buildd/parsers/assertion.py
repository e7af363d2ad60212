"""What C and C++ programs say when they abort: assert, g_assert, std::terminate, the library's own
checks."""

from __future__ import annotations

import re

from buildd.model import Related, Severity
from buildd.parsers.base import Parser
from buildd.parsers.native import is_own
from buildd.parsers.report import NOWHERE, Report

_SOURCE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(),'\"][^:(),'\"\n]*)"
_EXTENSION = r"(?<=\.[chSCHm]|cc|pp|xx|\+\+|hh|\.m|mm|cu|nl|tc|ld|st|ck|rl|ng)"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        # glibc, also libstdc++ with -D_GLIBCXX_ASSERTIONS
        (
            rf"(?:(?:\.?\.?/)?[^\s:/][^:]*: )?{_SOURCE}:(?P<line>\d+): (?:[^\n]*: )?"
            r"Assertion [`'‘](?P<message>.*)['’] failed\.$"
        ),
        # musl
        rf"Assertion failed: (?P<message>.*) \({_SOURCE}: (?P<function>[^:()]+): (?P<line>\d+)\)$",
        # macOS, FreeBSD
        (
            rf"Assertion failed: \((?P<message>.*)\), function (?P<function>.*), file {_SOURCE}, "
            r"line (?P<line>\d+)\.$"
        ),
        # Microsoft's, MinGW's, Solaris'
        (
            r"Assertion failed: (?P<message>.*), file (?P<file>[^\n\"]+), line (?P<line>\d+)"
            r"(?:, function .*)?$"
        ),
        # Emscripten
        rf"(?:Aborted\()?Assertion failed: (?P<message>.*), at: {_SOURCE},(?P<line>\d+),\w+\)?",
        # newlib, OpenBSD, NetBSD
        (
            r"assertion \"(?P<message>.*)\" failed: file \"(?P<file>[^\"]+)\", line (?P<line>\d+)"
            r"(?:, function:? .*)?$"
        ),
        # bionic
        rf"{_SOURCE}:(?P<line>\d+): (?:[^\n]*: )?assertion \"(?P<message>.*)\" failed$",
        # glib
        (
            rf"(?:[\w.-]+:)?ERROR:{_SOURCE}:(?P<line>\d+):\w+: (?P<message>(?:assertion failed|"
            r"code should not be reached|'[^']*' should be|Did not see expected).*)"
        ),
        # glog, abseil
        rf"F\d{{4}}(?:\d{{4}})? \d\d:\d\d:\d\d\.\d+ +\d+ {_SOURCE}:(?P<line>\d+)\] (?P<message>.*)",
        # Qt
        rf"(?:QFATAL : .*)?ASSERT: \"(?P<message>.*)\" in file {_SOURCE}, line (?P<line>\d+)$",
        (
            rf"ASSERT failure in [^:]*(?:::[^:]*)*: \"(?P<message>.*)\", file {_SOURCE}, "
            r"line (?P<line>\d+)$"
        ),
    )
)
_LIBRARY = re.compile(r"(?P<file>/\S*/(?:debug|c\+\+)/[^\s:]+):(?P<line>\d+):$")
_LIBRARY_ERROR = re.compile(r"Error: (?P<message>.+)$")
_THROWN = re.compile(
    r"terminate called (?:after throwing an instance of '(?P<type>.*)'|"
    r"without an active exception)$"
)
_WHAT = re.compile(r"  what\(\):  (?P<message>.*)")
_LLVM_THROWN = re.compile(
    r"libc\+\+abi(?:\.dylib)?: terminat(?:ing|e called)(?: (?:due to|with) "
    r"(?:unexpected|uncaught)(?: foreign)? exception(?: of type (?P<type>[^:]+(?:::[^:\s]+)*))?)?"
    r"(?:: (?P<message>.*))?$"
)
_PLACE = re.compile(rf"{_SOURCE}{_EXTENSION}[:(](?P<line>\d+)(?:[:,](?P<column>\d+))?\)?(?:: |$)")
_ABORTED = re.compile(
    r"(?P<message>\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*: .*|"
    r"(?:free|malloc|realloc|munmap_chunk|corrupted|double free|malloc_consolidate)"
    r"(?:\(\))?(?::? (?:invalid|double|corrupt\w*|memory|or|size|top|unsorted|unaligned|smallbin|"
    r"largebin|mismatching|chunk|bad|too)\b.*))"
)
_LIBC_FILES = ("malloc.c", "pthread_mutex_lock.c", "dl-minimal.c", "allocatestack.c")


class Assertion(Parser):
    """Each C library has its own words; what they name is the place of the assertion."""

    TOOLS = "assert, g_assert, glog, Qt, std::terminate, glibc, libstdc++"
    HINTS = (
        "ssertion `", "ssertion '", "ssertion ‘", "ssertion failed", "ssertion \"", "ERROR:",
        "\nF", "ASSERT", "terminate called", "libc++abi", "/debug/", "detected ***",
        "\nfree()", "\nmalloc", "\ndouble free", "\ncorrupted", "\nmunmap_chunk", "\nrealloc()",
    )  # fmt: skip

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._thrown = ""
        """The type of an exception whose message may follow."""
        self._library: Related | None = None
        """The place in a header of the library whose check has failed, while its words come."""

    def begin(self, line: str) -> bool:
        self.finish()
        if line.startswith(("terminate called", "libc++abi")):
            return self._terminated(line)
        if match := _LIBRARY.match(line):
            span = self.report.span(match["file"], match["line"])
            self._library = Related(span=span, message="checked here")
            return True
        for form in _FORMS:
            if match := form.match(line):
                self._failed(match)
                return True
        if match := _ABORTED.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"], "glibc")
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._thrown:
            if match := _WHAT.match(line):
                self._throw(match["message"])
                return True
            return None if not line else False
        if self._library:
            if match := _LIBRARY_ERROR.match(line):
                self.at = self.report.add(
                    NOWHERE,
                    Severity.ERROR,
                    match["message"],
                    "libstdc++",
                    related=(self._library,),
                )
                self._library = None
                return True
            return not line or line.startswith(("In function", " "))
        return False

    def finish(self) -> None:
        if self._thrown:
            self._throw("")

    def _failed(self, match: re.Match[str]) -> None:
        message = match["message"]
        if not message.startswith(("assertion failed", "Check failed", "code should", "'", "Did ")):
            message = f"Assertion failed: {message}"
        file = match["file"]
        span = self.report.span(file, match["line"])
        if is_own("", file) and file not in _LIBC_FILES:
            self.add(span, Severity.ERROR, message, "assert")
            return
        related = (Related(span=span, message="checked here"),) if file.startswith("/") else ()
        self.report.add(NOWHERE, Severity.ERROR, message, "assert", related=related)

    def _terminated(self, line: str) -> bool:
        if match := _THROWN.match(line):
            self._thrown = match["type"] or "terminate called without an active exception"
            if not match["type"]:
                self._throw("")
            return True
        if match := _LLVM_THROWN.match(line):
            self._thrown = match["type"] or "terminating"
            self._throw(match["message"] or "")
            return True
        return False

    def _throw(self, message: str) -> None:
        """The message may begin with a place, by the program's own custom."""
        thrown, self._thrown = self._thrown, ""
        span = NOWHERE
        if place := _PLACE.match(message):
            span = self.report.span(place["file"], place["line"], place["column"])
            message = message[place.end() :]
        self.add(span, Severity.ERROR, f"{thrown}: {message}" if message else thrown, "terminate")
