"""Reads the event stream that `go test`, `go build` and `go vet` write with -json."""

from __future__ import annotations

from typing import Any

from buildd.model import TestResult, TestState
from buildd.parsers.base import Parser
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import TEXT_LIMIT, ParseResult
from buildd.parsers.tools.go import Go
from buildd.parsers.tools.go_test import GoTest

_TESTING = ("start", "run", "pause", "cont", "pass", "bench", "fail", "output", "skip", "attr")
_ACTIONS = frozenset((*_TESTING, "artifacts", "build-output", "build-fail"))
_STATES = {"pass": TestState.PASSED, "fail": TestState.FAILED, "skip": TestState.SKIPPED}


class GoEvents(Reader):
    """Reads the events of `go test -json`, one JSON object each.

    The events hold what `go test -v` prints, in pieces. The output of each package goes to the
    parsers of that text.
    """

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._outputs: dict[tuple[str, str], str] = {}
        self._texts: dict[str, _Text] = {}

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or document.get("Action") not in _ACTIONS:
            return False
        package = document.get("Package") or document.get("ImportPath")
        if not isinstance(package, str):
            return False
        action, test = document["Action"], document.get("Test", "")
        if action in ("output", "build-output"):
            output = document["Output"]
            self._texts.setdefault(package, _Text(self.report)).feed(output)
            if test:
                text = self._outputs.get((package, test), "")
                self._outputs[package, test] = (text + output)[-TEXT_LIMIT:]
        elif action in _STATES and test:
            self._ended(package, test, action, document.get("Elapsed"))
        elif action in _STATES and (ended := self._texts.pop(package, None)):
            ended.finish()
        return True

    def finish(self) -> None:
        for text in self._texts.values():
            text.finish()

    def _ended(self, package: str, test: str, action: str, elapsed: float | None) -> None:
        names = tuple(test.split("/"))
        known = self._texts[package].test(names) if package in self._texts else None
        self.report.add_test(
            (package, *names),
            _STATES[action],
            "go",
            duration=elapsed,
            message=known.message if known else "",
            span=known.span if known else None,
            output=self._outputs.pop((package, test), ""),
        )


class _Text:
    """Reads the output of one package with the parsers of go's text.

    Only the places of its tests are used: the events say which tests ran and how they ended.
    """

    def __init__(self, report: ParseResult) -> None:
        self._report = _Diagnostics(report)
        self._parsers = (GoTest(self._report), Go(self._report))
        self._rest = ""
        self._open: Parser | None = None

    def feed(self, text: str) -> None:
        """Reads a piece of the output, which may end within a line."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if self._open and self._open.more(line):
                continue
            self._open = next((parser for parser in self._parsers if parser.begin(line)), None)

    def finish(self) -> None:
        """Tells the parsers that the output has ended."""
        for parser in self._parsers:
            parser.finish()

    def test(self, names: tuple[str, ...]) -> TestResult | None:
        """Returns what the text says about a test, or None."""
        results = reversed(self._report.tests)
        return next((result for result in results if result.path[-len(names) :] == names), None)


class _Diagnostics(ParseResult):
    """Passes diagnostics on to another report, and keeps the test results for itself."""

    def __init__(self, other: ParseResult) -> None:
        super().__init__("/")
        self.directories = other.directories
        self._other = other
        self.diagnostics = other.diagnostics

    def add(self, *arguments: Any, **named: Any) -> int | None:
        return self._other.add(*arguments, **named)

    def amend(self, number: int, **fields: object) -> None:
        self._other.amend(number, **fields)
