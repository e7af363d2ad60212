"""Reads the results of ScalaTest and MUnit, run by themselves or by sbt (`[info]`)."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_MARK = re.compile(r"\[(?:info|error|warn)\] ?")
_SUITE = re.compile(r"(?P<suite>[A-Z]\w*(?:Spec|Test|Tests|Suite|Specs|IT)):$")
_SUBJECT = re.compile(r"(?P<subject>\S[^\n]*?)$")
_TEST = re.compile(
    r"(?P<indent> *)- (?P<name>\S.*?)(?P<end> \*\*\* FAILED \*\*\*| !!! IGNORED !!!| \(pending\))?"
    r"(?: \((?P<time>[^()\n]*(?:millisecond|second|minute)s?)\))?$"
)
_PLACE = re.compile(r"(?P<message>.*?) ?\((?P<file>\w[\w.-]*\.scala):(?P<line>\d+)\)$")
_MUNIT = re.compile(
    r"==> (?P<mark>[Xi]) (?P<name>\S.*?) +(?P<time>[\d.]+)s(?: +(?P<message>(?P<type>\S+): "
    r"(?:(?P<file>/\S+\.scala):(?P<line>\d+)(?: (?P<rest>.*))?|.*)))?$"
)
_OVER = ("Run completed in ", "*** ", "Total number of tests", "ScalaTest")


class ScalaTest(Parser):
    """Reads a suite's name, subjects, and tests after dashes, with their failures below."""

    TOOLS = "ScalaTest, MUnit"
    LEVEL = ("text", "tests")
    HINTS = (
        "Spec:",
        "Specs:",
        "Test:",
        "Tests:",
        "Suite:",
        "IT:",
        " *** FAILED ***",
        "==> X ",
        "==> i ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suite = ""
        self._subject = ""
        self._path: tuple[str, ...] = ()
        self._message: list[str] = []
        self._span = NOWHERE

    def begin(self, line: str) -> bool:
        self._close()
        line = _MARK.sub("", line, count=1)
        if match := _MUNIT.match(line):
            self._munit(match)
            return True
        if match := _SUITE.match(line):
            self._suite, self._subject = match["suite"], ""
            return True
        if match := _TEST.match(line):
            self._tested(match)
            return True
        return False

    def more(self, line: str) -> bool:
        line = _MARK.sub("", line, count=1)
        if line.startswith(_OVER) or _SUITE.match(line) or _MUNIT.match(line):
            self._close()
            self._suite = ""
            return False
        if match := _TEST.match(line):
            self._close()
            self._tested(match)
            return True
        if self._path and line.startswith("  ") and len(self._message) < 40:
            self._explain(line.strip())
            return True
        self._close()
        if self._suite and line.strip() and not line.startswith("["):
            self._subject = line.strip()
            return True
        return False

    def finish(self) -> None:
        self._close()

    def _tested(self, match: re.Match[str]) -> None:
        subject = self._subject if not match["indent"] or self._subject else ""
        path = tuple(filter(None, (self._suite, subject, match["name"])))
        end = match["end"] or ""
        if "FAILED" in end:
            self._path, self._message, self._span = path, [], NOWHERE
            return
        state = TestState.SKIPPED if end else TestState.PASSED
        if self._suite:
            self.report.add_test(path, state, "scalatest", duration=_seconds(match["time"]))

    def _explain(self, text: str) -> None:
        if not self._span.file and (match := _PLACE.match(text)):
            self._span = self.report.span(f"src/test/scala/{match['file']}", match["line"])
            text = match["message"]
        if not text.startswith(("at ", "...")):
            self._message.append(text)

    def _munit(self, match: re.Match[str]) -> None:
        suite, _, name = match["name"].partition(" ")
        suite, _, first = suite.rpartition(".")
        path = tuple(filter(None, (suite, f"{first} {name}".strip())))
        time = float(match["time"]) if match["time"].count(".") < 2 else None
        if match["mark"] == "i":
            self.report.add_test(path, TestState.SKIPPED, "munit", duration=time)
            return
        span = NOWHERE
        if match["file"]:
            span = self.report.span(match["file"], match["line"])
        message = match["rest"] or match["type"] or match["message"] or "The test failed."
        self.add(span, Severity.ERROR, message, "munit")
        self.report.add_test(
            path,
            TestState.FAILED,
            "munit",
            duration=time,
            message=message,
            span=span if span.file else None,
        )

    def _close(self) -> None:
        path, self._path = self._path, ()
        if not path:
            return
        message = "\n".join(self._message) or "The test failed."
        self.add(self._span, Severity.ERROR, message, "scalatest")
        self.report.add_test(
            path,
            TestState.FAILED,
            "scalatest",
            message=message,
            span=self._span if self._span.file else None,
        )


def _seconds(text: str | None) -> float | None:
    match = re.match(r"(?:(\d+) seconds?,? ?)?(?:(\d+) milliseconds?)?$", text or "")
    if not text or not match or not (match[1] or match[2]):
        return None
    return int((match[1] or "0")[:9]) + int((match[2] or "0")[:9]) / 1000
