"""Reads TAP 12 to 14, which Perl, node and many other test programs print."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_POINT = re.compile(
    r"(?P<indent> *)(?P<state>ok|not ok)(?: +(?P<number>\d+))?(?: +(?:- )?(?P<name>[^#\n]*?))?"
    r"(?: *# *(?P<directive>[A-Za-z]+)(?:\S*)?(?P<reason> [^\n]*)?)?$"
)
_STRICT = re.compile(r"(?:not )?ok \d+ \S")
_TIME = re.compile(r" +# time=(?P<time>\d+(?:\.\d+)?)ms(?P<rest>.*)$")
"""What vitest prints after a name."""
_FRAME = re.compile(r"\s+at (?:.*?\()?(?P<place>[^()]+:\d+:\d+)\)?$")
_QUOTED = re.compile(
    r"(?:[╭,][─-]\[ ?|\n)(?P<file>[^\s:\]]+\.\w+):(?P<line>\d+):(?P<column>\d+)(?: ?\]|: ERROR: )"
)
"""A place in a compiler's output that a message quotes."""
_PLAN = re.compile(r" *1\.\.\d+(?: .*)?$")
_KEY = re.compile(r" +(?P<key>\w+): *(?P<value>.*)$")
_AT = re.compile(
    r"(?:.*?[( '\"])?(?:file://)?(?P<file>/?[^\s():'\"][^():'\"\n]*\.\w+)(?::(?P<line>\d+)(?::(?P<column>\d+))?)"
)
_OTHERS = ("node:", "node_modules/", "/usr/")


class Tap(Parser):
    """Reads test points, subtests indented by four, and YAML blocks below failed points."""

    TOOLS = "TAP: node --test, tape, tap, Test::More, bats, prove -v"
    LEVEL = ("tests",)
    HINTS = ("not ok", "\nok ", "    ok ", "TAP version ", "# Subtest", "\n1..")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_tap = False
        self._groups: list[str] = []
        self._path: tuple[str, ...] = ()
        self._in_yaml = False
        self._key = ""
        self._message = ""
        self._place: Span | None = None
        self._duration: float | None = None
        self._state = TestState.PASSED
        self._has_plain = False
        """Whether lines in mocha's format were read."""

    def begin(self, line: str) -> bool:
        if line.startswith("TAP version ") or _PLAN.match(line):
            self._is_tap = True
            return True
        if line.lstrip().startswith("# Subtest"):
            self._is_tap = True
            depth = (len(line) - len(line.lstrip())) // 4
            self._groups = [*self._groups[:depth], line.partition(":")[2].strip()]
            return True
        # mocha prints only at the end that it is TAP.
        if not self._is_tap and not _STRICT.match(line):
            return False
        self._is_tap = True
        time = _TIME.search(line)
        if time:
            line = line[: time.start()] + time["rest"]
        match = _POINT.match(line.removesuffix(" {"))
        if not match:
            return False
        self._end_plain()
        if line.endswith(" {"):
            # It is a group of vitest, whose tests are indented.
            name = (match["name"] or "").strip()
            self._groups = [*self._groups[: len(match["indent"]) // 4], name]
            return True
        self._point(match, round(float(time["time"]) / 1000, 6) if time else None)
        return True

    def more(self, line: str) -> bool | None:
        if self._in_yaml:
            return self._yaml(line)
        if line.strip() == "---" and line.startswith(" "):
            self._in_yaml, self._key = True, ""
            return True
        return self._plain(line)

    def finish(self) -> None:
        self._end_plain()

    def _plain(self, line: str) -> bool:
        """Reads a failure in mocha's format, which is indented and has no YAML."""
        if self._state is not TestState.FAILED or not line.startswith("  "):
            return False
        text = line.strip()
        if text.startswith(("ok ", "not ok ", "#", "}")) or _PLAN.match(line):
            return False
        self._has_plain = True
        if match := _FRAME.match(line):
            if self._place is None:
                self._at(match["place"])
        elif self._place is None and len(self._message) < 2000 and text not in self._message:
            self._message = f"{self._message}\n{text}".strip()
        return True

    def _end_plain(self) -> None:
        if self._has_plain:
            self._has_plain = False
            self._close()

    def _point(self, match: re.Match[str], time: float | None) -> None:
        depth = len(match["indent"]) // 4
        name = (match["name"] or "").strip() or f"test {match['number'] or '?'}"
        directive = (match["directive"] or "").lower()
        state = TestState.PASSED if match["state"] == "ok" else TestState.FAILED
        if directive.startswith("skip"):
            state = TestState.SKIPPED
        elif directive.startswith("todo"):
            state = TestState.SKIPPED if state is TestState.FAILED else state
        groups = self._groups[:depth]
        # The point of a group repeats the name of its subtest line.
        if len(self._groups) > depth and self._groups[depth] == name:
            self._groups = self._groups[:depth]
        self._path = (*groups, name)
        self._message, self._place, self._duration = "", None, time
        self._state = state
        self.report.add_test(self._path, state, "tap", duration=time)

    def _yaml(self, line: str) -> bool:
        text = line.strip()
        if text == "...":
            self._in_yaml = False
            self._close()
            return True
        if not line.startswith(" ") and text and _STRICT.match(line):
            self._in_yaml = False
            return False
        if match := _KEY.match(line):
            self._key, value = match["key"], match["value"].strip().strip("'\"")
            if self._key == "duration_ms" and re.fullmatch(r"[\d.]+", value):
                self._duration = float(value) / 1000
            elif self._key in ("message", "error") and not self._message:
                self._message = value.strip("|->") if value not in ("|-", "|", ">-") else ""
            elif self._key in ("at", "location", "file") and self._place is None:
                self._at(value)
        elif self._key in ("error", "message") and len(self._message) < 2000:
            self._message = f"{self._message}\n{text}".strip()
        elif self._key == "stack" and self._place is None:
            self._at(text)
        return True

    def _at(self, text: str) -> None:
        match = _AT.match(text)
        if match and not any(other in match["file"] for other in _OTHERS):
            self._place = self.report.span(match["file"], match["line"], match["column"])

    def _close(self) -> None:
        if self._place is None and (match := _QUOTED.search(self._message)):
            self._at(f"{match['file']}:{match['line']}:{match['column']}")
        if self._state is TestState.FAILED and self._place:
            message = self._message or self._path[-1]
            if "subtest" not in message:
                self.add(self._place, Severity.ERROR, message, "tap")
        self.report.add_test(
            self._path,
            self._state,
            "tap",
            duration=self._duration,
            message=self._message,
            span=self._place,
        )
