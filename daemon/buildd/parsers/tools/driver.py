"""Reads messages without a place, by the drivers of compilers, archivers and pkg-config."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.gcc_heads import coded

_PATH = r"(?:(?:[A-Za-z]:)?[^:\n\"'`]*[/\\])?"
_COMPILER = re.compile(
    rf"{_PATH}(?P<tool>(?:[\w.+]+-)*(?:gcc|g\+\+|gfortran|cpp|cc1\w*|lto1|f951|gnat1|d21|lto-wrapper|"
    r"collect2|clang(?:\+\+|-cl|-cpp|-tidy)?|flang(?:-new)?|cc|c\+\+|icpc|icpx|icx|icc|ifort|ifx|"
    r"dpcpp|emcc|em\+\+|armclang|nvc|nvc\+\+|nvfortran|tcc|qcc|as|zig)(?:-[\d.]+)?)(?:\.exe)?: "
    r"(?:(?P<kind>(?i:fatal error|internal compiler error|error|warning|note)): ?)?(?P<message>.*)"
)
# gcc before 4.6 did not mark errors as such.
_OLD = re.compile(
    r"(?:unrecognized |no input files|language \S+ not recognized|unknown |cannot |"
    r"[^:\n]*: (?:No such file or directory|linker input file unused|"
    r"file not recognized|cannot )|installation problem|.*: Permission denied|"
    r"Internal error: |spec failure|couldn't |invalid |can't |bad )"
)
_SAID_ELSEWHERE = re.compile(
    r"ld returned |linker command failed|all warnings being|some warnings being|warnings being|"
    r"unable to execute command: |.*\bfailed with exit code|diagnostic msg:|command failed|"
    r"diagnostic formatting in SARIF mode"
)
_ARCHIVER = re.compile(
    rf"{_PATH}(?P<tool>(?:[\w.+]+-)*(?:ar|ranlib|nm|objcopy|objdump|strip|readelf|size|strings|"
    r"addr2line|windres|dlltool|dllwrap|elfedit|lipo|install_name_tool|llvm-\w+|bison|flex|swig|"
    r"nasm|yasm|libtool|gperf))(?:-[\d.]+)?(?:\.exe)?: +"
    r"(?:(?:link|compile|install|finish|execute): )?"
    r"(?:(?P<kind>(?i:fatal error|fatal|error|warning)): ?)?(?P<message>.*)"
)
_FAILED = re.compile(
    r"(?:'[^']*'|[^:\n]*): (?:No such file|[Ff]ile format|Permission denied|[Ii]s a directory|"
    r"plugin needed|not in archive|malformed|not an object)|.*: No such file or directory"
    r"|(?:cannot|can't|could not|couldn't|unable to|Unable to|unrecogni[sz]ed|invalid|unknown|"
    r"fatal internal error|malformed|missing )\b|\*\* (?:Corrupt|I/O)"
)
# clang prints some messages about its options without its name.
_BARE = re.compile(
    r"(?P<kind>error|warning|fatal error): (?P<message>.* \[(?:-[WR][^\]]*|clang-[\w-]+)\])$"
    r"|(?P<sure>error|fatal error): (?P<text>invalid value '.*' in '-.*'|unknown argument: '.*'|"
    r"unable to (?:load plugin|find plugin|open output file|create target).*|"
    r"unknown target (?:CPU|triple) .*|no input files|unsupported option '-.*"
    r"|no such file or directory: '.*'|cannot specify -o when .*)$"
)
# Every staged installation prints these.
_USUAL = re.compile(
    r"remember to run |relinking |[`'‘\"][^`'’\"\n]+['’\"] has not been installed in "
)
_CUDA = re.compile(
    r"(?P<tool>nvcc|ptxas|nvlink|fatbinary|cicc|cudafe\+\+)(?: \S+, line \d+;)? "
    r"(?P<kind>fatal|error|warning) *: (?P<message>.*)"
)
_ASSEMBLER = re.compile(r"(?P<kind>Fatal error|Error): (?P<message>can't (?:create|open|close) .*)")
_PACKAGE = re.compile(
    r"(?P<message>Package (?:'[^']+', required by '[^']+', not found|"
    r"\S+ was not found in the pkg-config search path\.?|"
    r"dependency requirement '.*' could not be satisfied\.?)|No package '[^']+' found)$"
)
_PACKAGE_MORE = (
    "Perhaps you should add the directory containing ", "to the PKG_CONFIG_PATH environment",
    "Package '", "No package '",
)  # fmt: skip
_KINDS = {"warning": Severity.WARNING, "note": Severity.HINT}


class Driver(Parser):
    """Reads one line per message; it begins with the tool's name."""

    TOOLS = "gcc's and clang's drivers, nvcc, ar, ranlib, libtool, pkg-config"
    HINTS = (
        "c: ", "cc: ", "++: ", "cpp: ", "c1: ", "c1plus: ", "c1obj: ", "c1objplus: ",
        "o1: ", "f951: ", "gnat1: ",
        "wrapper: ", "ollect2: ", "clang: ", "clang-", "gfortran: ", "flang", "icx: ", "icpx: ",
        "ifort: ", "ifx: ", "dpcpp: ", ".exe: ", "zig: ", "gcc-", "\nas: ", "-as: ", "/as: ",
        "ar: ", "lib: ", "nm: ", "objcopy: ", "objdump: ", "strip: ", "readelf: ", "size: ",
        "strings: ", "addr2line: ", "windres: ", "dlltool: ", "lipo: ", "_tool: ", "llvm-",
        "bison: ", "flex: ", "swig: ", "asm: ", "libtool: ", "gperf: ",
        "\nerror: ", "\nwarning: ", "\nfatal error: ", "\nFatal error: can't", "\nError: can't",
        "nvcc ", "ptxas ", "nvlink ", "fatbinary ", "cicc ", "cudafe++ ",
        "Package ", "No package '",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_package = False

    def begin(self, line: str) -> bool:
        self._is_package = False
        if match := _CUDA.match(line):
            self._add(match["kind"], match["message"], match["tool"])
        elif match := _PACKAGE.match(line):
            self._add("error", match["message"], "pkg-config")
            self._is_package = True
        elif match := _BARE.match(line):
            kind = match["kind"] or match["sure"]
            self._add(kind, match["message"] or match["text"], "clang")
        elif match := _ASSEMBLER.match(line):
            self._add("error", match["message"], "as")
        elif match := _COMPILER.match(line):
            return self._compiler(match)
        elif match := _ARCHIVER.match(line):
            return self._archiver(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool:
        if not self._is_package or not line.startswith(_PACKAGE_MORE):
            return False
        self.lengthen(line)
        return True

    def _compiler(self, match: re.Match[str]) -> bool:
        message, kind, tool = match["message"], (match["kind"] or "").lower(), match["tool"]
        if not kind and not _OLD.match(message):
            return False
        if kind == "note" or _SAID_ELSEWHERE.match(message):
            return True
        name = "clang" if "clang" in tool else "gcc"
        name = next(
            (known for known in ("nvc", "ic", "ifort", "ifx", "emcc") if tool == known), name
        )
        self._add(kind or "error", message, name)
        return True

    def _archiver(self, match: re.Match[str]) -> bool:
        failed = _FAILED.match(match["message"])
        if not match["kind"] and not failed:
            return False
        if _USUAL.match(match["message"]):
            return True
        self._add(match["kind"] or "error", match["message"], match["tool"].rpartition("-")[2])
        return True

    def _add(self, kind: str, message: str, source: str) -> None:
        message, code = coded(message.strip())
        severity = _KINDS.get(kind.lower(), Severity.ERROR)
        self.add(NOWHERE, severity, message, source, code)
