"""Removes what build systems and log collectors print before each line of a tool's output."""

from __future__ import annotations

import re

_TIME = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_CLOCK = (
    # `12:03:04 `, `12:03:04.567] `, `2026-01-02T12:03:04.567Z `, also with commas; after them the
    # stream of GitLab and Kubernetes, `01O `, `stdout F `, or the machine that Zuul ran it on
    rf"(?:\d{{4}}-\d\d-\d\d[T ])?{_TIME}(?:Z|[+-]\d\d:?\d\d)?\]?:? "
    r"(?:[\da-f]{2}[OE][ +]|std(?:out|err) [FP] |\| [\w.-]+ \| )?"
)
_STEP_NUMBER = r"\[Step \d+/\d+\] "
_LEVELS = "error|warn|warning|info|debug|success|trace|note|fatal|hint"
_NAME_IN_BRACKETS = rf"(?!(?:{_LEVELS})\])[a-z][\w.:-]*\] (?!-> )"
"""A severity in brackets is no name; nor is a place in cppcheck's output, which goes on with `->`.
"""
_VERBS = "build|test|lint|dev|check|compile|typecheck|ci"
_PLACE_OR_ROW = r"(?=[\w./\\@+-]++[:(]\d| {2,}\d* \| )"
_TARGET = r"\+[\w-]+(?: \*\w+\*)? \| "

# Grouped by how a line begins, so that most lines are rejected at once.
_IN_BRACKETS = (
    # TeamCity: `[12:03:04]W:\t [Step 1/2] `
    rf"{_TIME}\](?:[\w ]?:\t *(?:{_STEP_NUMBER})?|{_STEP_NUMBER})"
    rf"|{_CLOCK}"
    # ant: `[javac] `; Jenkins: `[build] `, and its parallel branches: `[Build on CentOS 7] `
    rf"|{_NAME_IN_BRACKETS}|[A-Z]\w*(?: [\w.-]+)+\] "
    # concurrently: `[0] `; workspaces: `[@scope/web]: `
    r"|\d{1,2}\] |@[\w./-]+\]:? "
    # Flutter with -v: `[  +12 ms] `, `[        ] `; crosstool-NG: `[ERROR]    `
    r"| *\+[\d,]+ ms\] | {5,}\] |[A-Z]{3,5} *\] {4}"
    rf"{_PLACE_OR_ROW}"
    # Gradle with --debug, after the time: `[ERROR] [system.err] `
    r"|[A-Z]{4,9}\] \[[\w.$]+\] "
    # ninja, docker, swift: `[12/345] `; make from cmake: `[ 12%] `
    r"|(?: *\d+%|\d+/\d+)\] "
)
_NUMBERS = (
    _CLOCK
    # docker build: `#12 0.345 `, `0.345 ` (but Catch2's `0.345 s: ` is its own)
    + r"|(?:#\d+ )?\d+\.\d{1,3} (?!s: )"
    # GitHub: `##[error]`; Bazel: `(12:03:04) `
    rf"|##\[\w+\]|\({_TIME}\) "
)
_WORDS = (
    # compose and foreman: `web_1  | `; Nix: `name> `
    rf"[A-Za-z][\w.+-]*+(?: ++\| |> {_PLACE_OR_ROW})"
    # pnpm, turbo: `packages/a build: `, `@scope/web:build: `
    rf"|@?[\w./-]++[ :](?:{_VERBS}): "
    # npm, lerna: `npm ERR! `
    r"|npm (?:ERR!|error) |lerna (?:ERR!|err!) "
    # cargo, for what a build script has printed: `cargo:warning=`, `warning: zstd-sys@2.0.1: `
    r"|cargo::?warning=|warning: [\w-]+@\d+\.[\w.+-]+: "
    # Gradle, for CMake and ndk-build: `C/C++: `
    r"|C/C\+\+: "
    # syslog, ts: `Jan  2 12:03:04 `, `Jan  2 12:03:04 host make[123]: `
    rf"|[A-Z][a-z]{{2}} [ \d]\d {_TIME} (?:[\w.-]+ [\w./-]+\[\d+\]: )?"
)
_BLANKS = (
    # ant: `    [javac] `
    rf"[ \t]*\[{_NAME_IN_BRACKETS}"
    # Earthly: `   +build | `; Nix: `       > `
    rf"| +(?:\.\.?/[\w./-]*)?{_TARGET}| {{7}}> "
    r"|  cargo::?warning="
)
_SIGNS = (
    # frames around a tool's output, before a place or a row of source: `│ `, `| `
    rf"[│|] {_PLACE_OR_ROW}"
    # Yarn: `➤ YN0000: [@scope/web]: `
    r"|➤ YN\d{4}: (?:[│┌└] )*(?:\[[\w./-]+\]: )?"
    # Earthly: `+build | `, `./lib+test *failed* | `
    rf"|(?:\.\.?/[\w./-]*)?{_TARGET}"
)
# Begins with the newline, because searching for that is many times as fast as for the start of a
# line.
_SURE = re.compile(
    rf"\n(?:\[(?:{_IN_BRACKETS})|(?=[A-Za-z@.])(?:{_WORDS})|(?=[\d#(])(?:{_NUMBERS})"
    rf"|(?=[ \t])(?:{_BLANKS})|(?=[│|➤+.])(?:{_SIGNS}))+"
)
_STEP = re.compile(r"\n[^\t\n]{1,200}\t[^\t\n]{1,200}\t\ufeff?(?=\d{4}-\d\d-\d\dT)")
"""`gh run view --log` of GitHub prints job and step, each with a tab, then the time."""
_NUMBERED = re.compile(r"\n\d+: Test command: |\n\d+% tests passed, ")
_NUMBER = re.compile(r"\n\d+: ")
_PERHAPS = re.compile(r"(?:@?[\w./-]+|\[[\w./-]+\]): (?=[\w./\\@-]+[:(]\d)")
"""`@scope/name: ` of lerna and nx, `[name]: ` of Yarn."""


def without_prefixes(text: str) -> str:
    """Returns a text without what can only be a prefix of its lines.

    The text begins with a newline.
    """
    if "\t20" in text:
        text = _STEP.sub("\n", text)
    return _SURE.sub("\n", text)


class TestNumbers:
    """Removes the test's number that `ctest -V` prints before each line of a test.

    It does so only between the line that announces a test and the summary, because other tools
    begin their lines with numbers, too.
    """

    __test__ = False

    def __init__(self) -> None:
        self._is_under_way = False

    def strip(self, text: str) -> str:
        """Returns a text, which begins with a newline, without the numbers."""
        if not self._is_under_way and "Test command: " not in text:
            return text
        pieces = []
        start = 0
        for match in _NUMBERED.finditer(text):
            pieces.append(self._stripped(text[start : match.start()]))
            self._is_under_way = match.group().endswith("command: ")
            start = match.start()
        pieces.append(self._stripped(text[start:]))
        return "".join(pieces)

    def _stripped(self, text: str) -> str:
        return _NUMBER.sub("\n", text) if self._is_under_way else text


def after_prefix(line: str) -> str:
    """Returns what follows something that may be a prefix; empty if the line has none.

    This is for lines that no parser can read as they are.
    """
    match = _PERHAPS.match(line)
    return line[match.end() :] if match else ""
