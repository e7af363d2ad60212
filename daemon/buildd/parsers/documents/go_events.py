"""go test, build and vet with -json: a stream of events."""

from __future__ import annotations

from typing import Any

from buildd.model import TestResult, TestState
from buildd.parsers.base import Parser
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import TEXT_LIMIT, ParseResult
from buildd.parsers.tools.go import Go
from buildd.parsers.tools.gotest import GoTest

_TESTING = ("start", "run", "pause", "cont", "pass", "bench", "fail", "output", "skip", "attr")
_ACTIONS = frozenset((*_TESTING, "artifacts", "build-output", "build-fail"))
_STATES = {"pass": TestState.PASSED, "fail": TestState.FAILED, "skip": TestState.SKIPPED}


class GoEvents(Reader):
    """Output is what `go test -v` prints, in pieces: each package's goes to the text's parsers."""

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
        told = self._texts[package].test(names) if package in self._texts else None
        self.report.add_test(
            (package, *names),
            _STATES[action],
            "go",
            duration=elapsed,
            message=told.message if told else "",
            span=told.span if told else None,
            output=self._outputs.pop((package, test), ""),
        )


class _Text:
    """The parsers of go's text over one package's output; of its tests, only the places count."""

    def __init__(self, report: ParseResult) -> None:
        self._report = _Diagnostics(report)
        self._parsers = (GoTest(self._report), Go(self._report))
        self._rest = ""
        self._open: Parser | None = None

    def feed(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if self._open and self._open.more(line):
                continue
            self._open = next((one for one in self._parsers if one.begin(line)), None)

    def finish(self) -> None:
        for one in self._parsers:
            one.finish()

    def test(self, names: tuple[str, ...]) -> TestResult | None:
        """What the text told of a test."""
        told = reversed(self._report.tests)
        return next((one for one in told if one.path[-len(names) :] == names), None)


class _Diagnostics(ParseResult):
    """A report whose diagnostics are another's, and whose tests are its own."""

    def __init__(self, other: ParseResult) -> None:
        super().__init__("/")
        self.directories = other.directories
        self._other = other
        self.diagnostics = other.diagnostics

    def add(self, *arguments: Any, **named: Any) -> int | None:
        return self._other.add(*arguments, **named)

    def amend(self, number: int, **fields: object) -> None:
        self._other.amend(number, **fields)
