"""Reads what the C and C++ runtime prints when it ends a program.

Examples are an uncaught exception, a corrupted heap, or a failed check of the library.
"""

from __future__ import annotations

import re

from buildd.model import Related, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.assertion import SOURCE

_EXTENSION = r"(?<=\.[chSCHm]|cc|pp|xx|\+\+|hh|\.m|mm|cu|nl|tc|ld|st|ck|rl|ng)"
_LIBRARY = re.compile(r"(?P<file>/\S*/(?:debug|c\+\+)/[^\s:]+):(?P<line>\d+):$")
_LIBRARY_ERROR = re.compile(r"Error: (?P<message>.+)$")
_THROWN = re.compile(
    r"terminate called (?:after throwing an instance of '(?P<type>.*)'|"
    r"without an active exception|recursively)$"
)
_WHAT = re.compile(r"  what\(\):  (?P<message>.*)")
_LLVM_THROWN = re.compile(
    r"libc\+\+abi(?:\.dylib)?: terminat(?:ing|e called)(?: (?:due to|with) "
    r"(?:unexpected|uncaught)(?: foreign)? exception(?: of type (?P<type>[^:]+(?:::[^:\s]+)*))?)?"
    r"(?:: (?P<message>.*))?$"
)
_PLACE = re.compile(rf"{SOURCE}{_EXTENSION}[:(](?P<line>\d+)(?:[:,](?P<column>\d+))?\)?(?:: |$)")
_ABORTED = re.compile(
    r"(?P<message>\*\*\* (?:stack smashing|buffer overflow|longjmp causes|invalid \S+ ) ?detected"
    r" \*\*\*: .*|(?:free|malloc|realloc|munmap_chunk|corrupted|double free|malloc_consolidate)"
    r"(?:\(\))?(?::? (?:invalid|double|corrupt\w*|memory|or|size|top|unsorted|unaligned|smallbin|"
    r"largebin|mismatching|chunk|bad|too|detected)\b.*))"
)
# glibc until 2.25, and macOS: with the program's name, and with addresses that vary
_NAMED = re.compile(
    r"\*\*\* (?:Error in|glibc detected \*\*\*) [`']?\S+?:? ?'?: (?P<message>\S[^\n]*?): "
    r"0x[0-9a-f]+(?: \*\*\*)?$|(?:\S+\(\d+,0x[0-9a-f]+\) )?malloc: \*\*\* error for object "
    r"0x[0-9a-f]+: (?P<macos>\S.*)"
)
_VIRTUAL = re.compile(
    r"(?:libc\+\+abi(?:\.dylib)?: )?(?P<message>[Pp]ure virtual (?:method|function) called!?)$"
)


class Abort(Parser):
    """Reads the messages of the C and C++ runtime, most of which name no place."""

    TOOLS = "std::terminate, glibc, libstdc++, libc++abi, macOS' malloc"
    HINTS = (
        "terminate called", "libc++abi", "/debug/", "detected ***", "\nfree()", "\nmalloc",
        "\ndouble free", "\ncorrupted", "\nmunmap_chunk", "\nrealloc()", "*** Error in ",
        "malloc: *** error", "ure virtual ",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._thrown = ""
        """The type of an exception whose message may follow."""
        self._library: Related | None = None
        """The place in a library header of a check that failed, until its message is read."""

    def begin(self, line: str) -> bool:
        self.finish()
        if line.startswith(("terminate called", "libc++abi")) and self._terminated(line):
            return True
        if match := _LIBRARY.match(line):
            span = self.report.span(match["file"], match["line"])
            self._library = Related(span=span, message="checked here")
        elif match := _ABORTED.match(line) or _VIRTUAL.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"], "glibc")
        elif match := _NAMED.match(line):
            source = "malloc" if match["macos"] else "glibc"
            self.add(NOWHERE, Severity.ERROR, match["macos"] or match["message"], source)
        else:
            return False
        return True

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

    def _terminated(self, line: str) -> bool:
        if match := _THROWN.match(line):
            self._thrown = match["type"] or line
            if not match["type"]:
                self._throw("")
            return True
        if match := _LLVM_THROWN.match(line):
            self._thrown = match["type"] or "terminating"
            self._throw(match["message"] or "")
            return True
        return False

    def _throw(self, message: str) -> None:
        """Adds an uncaught exception; many programs begin its message with a place."""
        thrown, self._thrown = self._thrown, ""
        span = NOWHERE
        if place := _PLACE.match(message):
            span = self.report.span(place["file"], place["line"], place["column"])
            message = message[place.end() :]
        if not message and not thrown.startswith("terminat"):
            thrown = f"uncaught exception of type {thrown}"
        self.add(span, Severity.ERROR, f"{thrown}: {message}" if message else thrown, "terminate")
