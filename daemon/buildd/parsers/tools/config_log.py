"""Skips the probes in the logs of configure scripts: a failure there is an answer, not an error."""

from __future__ import annotations

import re
from typing import ClassVar

from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_AUTOCONF = re.compile(r"configure:\d+: .*>&5$")
_AUTOCONF_ENDS = re.compile(r"configure:\d+: ")
_PROGRAM = "configure: failed program was:"
_CMAKE = re.compile(
    r"(?:Performing|Determining|Detecting|Check|Checking|Compiling) "
    r".* with the following (?:compile )?output:$"
    r"|Compiling the .* source file \".*\" (?:failed|succeeded)\.$"
)
_MESON = re.compile(r"Running compile:$|Called:? `.*` -> [1-9]\d*$")
_MESON_ENDS = re.compile(
    r"(?:Checking|Fetching|Check|Has|Header|Library|Dependency|Run-time|Program|Compiler for|"
    r"Found|Message:|Pkg-config|CMake|Called|Trying|Determining|Configuring|Build|env\[|Sanity|"
    r"Using|Working|WARNING:|ERROR:|NOTICE:)"
)
_YAML = re.compile(r" +kind: \"try_(?:compile|run)-v\d+\"$")
_LIMIT = 2000
"""The most lines of one probe."""


class Probes(Parser):
    """Takes all lines of each probe, and adds no diagnostics.

    If there is an error, the script itself prints it.
    """

    TOOLS = "config.log, CMakeError.log, meson-log.txt: what fails in a probe is no finding"
    LEVEL: ClassVar[tuple[str, ...]] = ()
    HINTS = ("\nconfigure:", "following output:", "following compile output:",
             " source file \"", "\nRunning compile:", "\nCalled", " kind: \"try_")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._kind = ""
        self._lines = 0
        self._blank = 0

    def begin(self, line: str) -> bool:
        self._lines = self._blank = 0
        self._kind = ""
        if _AUTOCONF.match(line):
            self._kind = "autoconf"
        elif line == _PROGRAM:
            self._kind = "program"
        elif _CMAKE.match(line):
            self._kind = "cmake"
        elif _MESON.match(line):
            self._kind = "meson"
        elif _YAML.match(line):
            self._kind = "yaml"
        return bool(self._kind)

    def more(self, line: str) -> bool:
        self._lines += 1
        if self._lines > _LIMIT:
            return False
        if self._kind == "autoconf":
            return not _AUTOCONF_ENDS.match(line)
        if self._kind == "program":
            return line.startswith("|")
        if self._kind == "cmake":
            # Two empty lines, or the source that was tried, end the probe.
            self._blank = 0 if line.strip() else self._blank + 1
            return self._blank < 3 and line != "Source file was:" and not _CMAKE.match(line)
        if self._kind == "yaml":
            return line not in ("...", "---")
        # The command line and the directory belong to the probe.
        return line.startswith("Working directory") or not _MESON_ENDS.match(line)
