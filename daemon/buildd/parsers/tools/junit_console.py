"""Reads JUnit 5's console launcher: a tree of tests, and the failures below it."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.java_failure import JavaFailure

_NODE = re.compile(
    r"(?P<lead>[│| ]*)(?:├─|└─|\+--|'--) (?P<name>\S.*?)(?: (?P<time>\d+) ms)? "
    r"(?P<mark>✔|✘|↷|■|\[OK\]|\[X\]|\[S\]|\[A\])(?: (?P<time2>\d+) ms)?(?: (?P<why>.*))?$"
)
_FAILED = re.compile(r"  (?P<engine>JUnit \w+(?: \w+)?):(?P<path>\S.*)$")
_SOURCE = re.compile(r"    (?:Method|Class)Source \[className = '(?P<class>[^']+)'")
_STATES = {
    "✔": TestState.PASSED,
    "[OK]": TestState.PASSED,
    "✘": TestState.FAILED,
    "[X]": TestState.FAILED,
    "↷": TestState.SKIPPED,
    "[S]": TestState.SKIPPED,
    "■": TestState.SKIPPED,
    "[A]": TestState.SKIPPED,
}


class JunitConsole(Parser):
    """Reads the nodes of the tree and the failures.

    A leaf is a test, unless it is hardly deeper than an engine.
    """

    TOOLS = "JUnit 5: console launcher"
    LEVEL = ("text", "tests")
    HINTS = ("├─ ", "└─ ", "+-- ", "'-- ", "\n  JUnit ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._nodes: list[tuple[int, str]] = []
        """The columns and names from the root to the last node."""
        self._last: re.Match[str] | None = None
        self._last_path: tuple[str, ...] = ()
        """The path of the last node, without the engine."""
        self._paths: dict[str, tuple[str, ...]] = {}
        self._path: tuple[str, ...] = ()
        self._failure: JavaFailure | None = None

    def begin(self, line: str) -> bool:
        self._close()
        if match := _NODE.match(line):
            self._leaf(len(match["lead"]))
            self._node(match)
            return True
        self._leaf()
        if match := _FAILED.match(line):
            words = match["path"]
            self._path = self._paths.get(words, tuple(filter(None, words.split(":"))))
            self._failure = None
            return True
        return False

    def more(self, line: str) -> bool | None:
        if _NODE.match(line) or _FAILED.match(line):
            return False
        if self._last:
            if line.startswith(("│", "|", " ")) and line.strip():
                # It is a further line of a message.
                return True
            self._leaf()
            return False
        if not self._path:
            return False
        if match := _SOURCE.match(line):
            self._failure = JavaFailure(self.report, match["class"])
            return True
        if self._failure and line.strip():
            return self._failure.feed(line.replace("    => ", "       ", 1))
        self._close()
        return False

    def finish(self) -> None:
        self._leaf()
        self._close()

    def _node(self, match: re.Match[str]) -> None:
        column = len(match["lead"])
        while self._nodes and self._nodes[-1][0] >= column:
            self._nodes.pop()
        self._nodes.append((column, match["name"]))
        self._last = match
        self._last_path = tuple(name for _, name in self._nodes[1:])

    def _leaf(self, column: int = -1) -> None:
        """Adds the last node as a test, unless the next node's `column` is deeper."""
        match, self._last = self._last, None
        path = self._last_path
        if match is None or not path or column > len(match["lead"]):
            return
        state = _STATES[match["mark"]]
        if len(path) < 2 and state is not TestState.FAILED:
            return
        time = match["time"] or match["time2"]
        self._paths[":".join(path)] = path
        self.report.add_test(
            path,
            state,
            "junit",
            duration=int(time[:9]) / 1000 if time else None,
            message=match["why"] or "",
        )

    def _close(self) -> None:
        failure, self._failure = self._failure, None
        path, self._path = self._path, ()
        if failure:
            failure.add_to(self, path, "junit")
