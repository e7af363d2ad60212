"""What build systems and log collectors put before each line of a tool's own output. Pure."""

from __future__ import annotations

import re

_TIME = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_DATE = r"\d{4}-\d\d-\d\d"
_LEVELS = "error|warn|warning|info|debug|success|trace|note|fatal|hint"
_TARGET = r"[\w-]+(?: \*\w+\*)? \| "
_VERBS = "build|test|lint|dev|check|compile|typecheck|ci"

# Beginning with the newline itself: that is searched for many times as fast as the start of a line.
_SURE = re.compile(
    r"\n(?:"
    # clocks: `12:03:04 `, `[12:03:04.567] `, `2026-01-02T12:03:04.567Z `, also with commas
    # and GitLab's stream after them: `…Z 01O `
    rf"\[?(?:{_DATE}[T ])?{_TIME}(?:Z|[+-]\d\d:?\d\d)?\]?:? (?:[\da-f]{{2}}[OE][ +])?"
    # docker build: `#12 0.345 `, `0.345 `; compose and foreman: `web_1  | `
    # (but Catch2's `0.345 s: ` is its own)
    r"|(?:#\d+ )?\d+\.\d{1,3} (?!s: )"
    r"|[A-Za-z][\w.-]*+ ++\| "
    # GitHub: `##[error]`
    r"|##\[\w+\]"
    # ant: `    [javac] `; Jenkins: `[build] `; but not what tells how bad it is
    rf"|[ \t]*\[(?!(?:{_LEVELS})\])[a-z][\w.:-]*\] "
    # concurrently: `[0] `; workspaces: `[@scope/web]: `, `➤ YN0000: [@scope/web]: `
    r"|\[\d{1,2}\] |\[@[\w./-]+\]:? |➤ YN\d{4}: (?:[│┌└] )*(?:\[[\w./-]+\]: )?"
    # Gradle with --debug, behind the time: `[ERROR] [system.err] `
    r"|\[[A-Z]{4,9}\] \[[\w.$]+\] "
    # npm, lerna: `npm ERR! `
    r"|npm (?:ERR!|error) |lerna (?:ERR!|err!) "
    # cargo, for what a build script has printed: `cargo:warning=`, `warning: zstd-sys@2.0.1: `
    r"|cargo::?warning=|  cargo::?warning=|warning: [\w-]+@\d+\.[\w.+-]+: "
    # Earthly: `+build | `, `   +build | `, `./lib+test *failed* | `
    rf"|\+{_TARGET}|\.\.?/[\w./-]*\+{_TARGET}|  *(?:\.\.?/[\w./-]*)?\+{_TARGET}"
    # Jenkins' parallel branches: `[Build on CentOS 7] `
    r"|\[[A-Z]\w*(?: [\w.-]+)+\] "
    # ninja, docker, swift: `[12/345] `; make from cmake: `[ 12%] `
    r"|\[(?: *\d+%|\d+/\d+)\] "
    # pnpm, turbo: `packages/a build: `, `@scope/web:build: `
    rf"|@?[\w./-]++[ :](?:{_VERBS}): "
    r")+"
)
_STEP = re.compile(r"\n[^\t\n]{1,200}\t[^\t\n]{1,200}\t\ufeff?(?=\d{4}-\d\d-\d\dT)")
"""GitHub's `gh run view --log`: job and step, with tabs; then the time."""
_NUMBERED = re.compile(r"\n\d+: Test command: |\n\d+% tests passed, ")
_NUMBER = re.compile(r"\n\d+: ")
_PERHAPS = re.compile(r"(?:@?[\w./-]+|\[[\w./-]+\]): (?=[\w./\\@-]+[:(]\d)")
"""lerna, nx: `@scope/name: `; Yarn: `[name]: `"""


def without_prefixes(text: str) -> str:
    """The lines of a text, which begins with a newline, without what can only be a prefix."""
    if "\t20" in text:
        text = _STEP.sub("\n", text)
    return _SURE.sub("\n", text)


class TestNumbers:
    """What `ctest -V` puts before each line of a test: its number. Only once it has said so, until
    it sums up: others begin their lines with numbers, too."""

    __test__ = False

    def __init__(self) -> None:
        self._is_under_way = False

    def strip(self, text: str) -> str:
        """The lines of a text, which begins with a newline, without the numbers."""
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
    """What stands behind what may be a prefix, for a line that nobody else can read; empty if it
    has none."""
    match = _PERHAPS.match(line)
    return line[match.end() :] if match else ""
