"""Reads the failed assertions of C and C++ programs.

It knows the messages of the C libraries, glib, glog, Qt, Chromium and others.
"""

from __future__ import annotations

import re

from buildd.model import Related, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.native_frames import is_own

SOURCE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(),'\"\[][^:(),'\"\n]*)"
"""A file name in a line that may hold anything before and after it."""
_C = (
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(),'\"\[][^:(),'\"\n]*"
    r"\.(?:[chCHm]|cc|cpp|cxx|c\+\+|hpp|hh|hxx|mm|cu|cuh|inl|vala|ipp|tpp))"
)
_LINE = r"(?P<line>\d+)"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        # glibc, libstdc++ with -D_GLIBCXX_ASSERTIONS, CUDA kernels
        (
            rf"(?:(?:\.?\.?/)?[^\s:/][^:]*: )?{SOURCE}:{_LINE}: "
            r"(?:[^\n]*?: block: [^\n]*? |[^\n]*: )?Assertion [`'‘](?P<message>.*)['’`] failed\.$"
        ),
        # assert_perror of glibc
        (
            rf"[^\s:/][^:\n]*: {SOURCE}:{_LINE}: [^\n]*?: "
            r"(?P<message>Unexpected error: .*)"
        ),
        # musl
        rf"Assertion failed: (?P<message>.*) \({SOURCE}: (?P<function>[^()]+): {_LINE}\)$",
        # macOS, FreeBSD
        (
            rf"Assertion failed: \((?P<message>.*)\), function (?P<function>.*), file {SOURCE}, "
            rf"line {_LINE}\.$"
        ),
        # Microsoft, MinGW, Solaris
        (
            rf"Assertion failed: (?P<message>.*), file (?P<file>[^\n\"]+), line {_LINE}"
            r"(?:, function .*)?$"
        ),
        # Emscripten
        rf"(?:Aborted\()?Assertion failed: (?P<message>.*), at: {SOURCE},{_LINE},\w+\)?",
        # newlib, OpenBSD, NetBSD
        (
            rf"assertion \"(?P<message>.*)\" failed: file \"(?P<file>[^\"]+)\", line {_LINE}"
            r"(?:, function:? .*)?$"
        ),
        # bionic
        rf"{SOURCE}:{_LINE}: (?:[^\n]*: )?assertion \"(?P<message>.*)\" failed$",
        # the C++ libraries of LLVM and Microsoft
        (
            rf"{SOURCE}:{_LINE}: (?:libc\+\+ Hardening )?(?P<message>assertion .* failed"
            r"(?:: .*)?)$"
        ),
        rf"{SOURCE}\({_LINE}\) : Assertion failed: (?P<message>.*)",
        # glib
        (
            rf"(?:# |Bail out! )?(?:[\w.+-]+:)?ERROR:{_C}:{_LINE}:(?:(?:[^:\n]|::)*:)? "
            r"(?P<message>\S.*)"
        ),
        # ESP-IDF, Zephyr
        rf"assert failed: \S+ {_C}:{_LINE} \((?P<message>.*)\)$",
        rf"ASSERTION FAIL \[(?P<message>.*)\] @ (?:WEST_TOPDIR/|ZEPHYR_BASE/)?{_C}:{_LINE}$",
        # Qt
        rf"(?:QFATAL : .*)?ASSERT: \"(?P<message>.*)\" in file {SOURCE}, line {_LINE}$",
        (
            rf"ASSERT failure in [^:]*(?:::[^:]*)*: \"(?P<message>.*)\", file {SOURCE}, "
            rf"line {_LINE}$"
        ),
        # glog, abseil, TensorFlow; Chromium; protobuf
        (
            rf"F(?:\d{{4}}(?:\d{{4}})? \d\d:\d\d:[\d.]+ +\d+)? {_C}:{_LINE}\] "
            r"(?P<message>.*)"
        ),
        (
            rf"\[(?:\d+:)*\d{{4}}/\d{{6}}\.\d+:FATAL:{_C}(?:\({_LINE}\)|:(?P<row>\d+))\] "
            r"(?P<message>.*)"
        ),
        rf"\[libprotobuf FATAL {_C}:{_LINE}\] (?P<message>.*)",
        # LLVM's llvm_unreachable
        rf"(?P<message>UNREACHABLE executed) at {_C}:{_LINE}!$",
    )
)
_SEVERAL = tuple(
    (re.compile(head), re.compile(rest))
    for head, rest in (
        # MinGW and Microsoft's debug libraries: a file, then the expression
        (
            r"(?:Debug )?Assertion [Ff]ailed!$",
            (
                r"(?:File: (?P<file>\S[^\n]*?)(?:, Line (?P<line>\d+))?|Line: (?P<row>\d+)"
                r"|Expression: (?P<message>.*)|Program: .*)$"
            ),
        ),
        # V8
        (
            rf"# Fatal error in {SOURCE}, line {_LINE}$",
            r"# (?P<message>\S.*)",
        ),
        # SDL
        (
            rf"Assertion failure at \S+ \({SOURCE}:{_LINE}\), triggered \d+ times?:$",
            r" +'(?P<message>.*)'$",
        ),
        # Boost's BOOST_ASSERT_MSG
        (
            r"\*{5} Internal Program Error - assertion \((?P<message>.*)\) failed in .*:$",
            rf"{SOURCE}\({_LINE}\): (?P<more>.*)",
        ),
    )
)
_PLAIN = re.compile(
    r"(?:assertion |Assertion )?(?:failed|.* failed)|Check failed|CHECK failed|code should|'|Did |"
    r"UNREACHABLE|Unexpected error|unexpected|child |std(?:out|err) of "
)
"""Messages that say themselves that something failed."""
_LIBC_FILES = ("malloc.c", "pthread_mutex_lock.c", "dl-minimal.c", "allocatestack.c")


class Assertion(Parser):
    """Reads failed assertions; the place is that of the assertion.

    Each C library prints them in its own way.
    """

    TOOLS = "assert, g_assert, glog, abseil, Qt, Chromium, V8"
    HINTS = (
        "ssertion ", "ERROR:", "\nF", ":FATAL:", "libprotobuf FATAL ", "ASSERT", "assert failed: ",
        "UNREACHABLE executed", "# Fatal error in ", ": Unexpected error: ",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._rest: re.Pattern[str] | None = None
        """A pattern for the next lines of a message with several lines."""
        self._groups_so_far: dict[str, str] = {}

    def begin(self, line: str) -> bool:
        self._rest = None
        for form in _FORMS:
            if match := form.match(line):
                self._failed(_groups(match))
                return True
        for head, rest in _SEVERAL:
            if match := head.match(line):
                self._rest, self._groups_so_far = rest, _groups(match)
                return True
        return False

    def more(self, line: str) -> bool | None:
        match = self._rest.match(line) if self._rest else None
        if not match:
            return self._rest is not None and not line.strip()
        self._groups_so_far |= _groups(match)
        if "file" in self._groups_so_far and "message" in self._groups_so_far:
            self._failed(self._groups_so_far)
            self._rest = None
        return True

    def _failed(self, groups: dict[str, str]) -> None:
        message = groups["message"]
        if not _PLAIN.match(message):
            message = f"Assertion failed: {message}"
        file = groups["file"]
        span = self.report.span(file, groups.get("line") or groups.get("row"))
        if is_own("", file) and file not in _LIBC_FILES:
            self.add(span, Severity.ERROR, message, "assert")
        else:
            related = (Related(span=span, message="checked here"),) if "/" in file else ()
            self.report.add(NOWHERE, Severity.ERROR, message, "assert", related=related)
        if self.at is not None and groups.get("more"):
            self.lengthen(groups["more"])


def _groups(match: re.Match[str]) -> dict[str, str]:
    return {name: text for name, text in match.groupdict().items() if text}
