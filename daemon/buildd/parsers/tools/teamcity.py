"""Reads TeamCity's service messages about tests, inspections and build problems."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.documents.traces import places, span_of
from buildd.parsers.report import NOWHERE, ParseResult

_MESSAGE = re.compile(r"\s*##teamcity\[(?P<name>\w+)(?P<rest>[ \]].*)")
_ATTRIBUTE = re.compile(r"(?P<key>[\w.]+)\s*=\s*'(?P<value>[^'|]*(?:\|.[^'|]*)*)'")
_ESCAPE = re.compile(r"\|(?:0x(?P<code>[0-9A-Fa-f]{4})|(?P<letter>.))")
_LETTERS = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}
# Qt Test, CppUTest and Catch2 put the place into the message.
_NATIVE = re.compile(
    r"(?:^|\[Loc: |TEST failed \([^()\n]*\): )(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]]"
    r"[^:()\[\]\n]*\.\w+)(?::(?P<line>\d+)|\((?P<row>\d+)\))\]?$",
    re.MULTILINE,
)
_FLOWS = 1000
"""The most flows of messages that are distinguished."""


class Teamcity(Parser):
    """Reads one service message per line; tests belong to the open suites of their flow."""

    TOOLS = "service messages for TeamCity"
    LEVEL = ("text", "tests")
    HINTS = ("##teamcity[",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suites: dict[str, list[str]] = {}
        self._ended: dict[tuple[str, ...], tuple[TestState, str, Span | None]] = {}
        self._outputs: dict[tuple[str, ...], str] = {}
        self._started: set[tuple[str, ...]] = set()
        """Tests whose start was reported; the parser of pytest's text reads the others."""
        self._types: dict[str, str] = {}
        """The names of inspections, by their identifiers."""

    def begin(self, line: str) -> bool:
        match = _MESSAGE.match(line)
        if not match:
            return False
        attributes = {
            attribute["key"]: _unescaped(attribute["value"])
            for attribute in _ATTRIBUTE.finditer(match["rest"])
        }
        name = match["name"]
        if name.startswith("test"):
            self._test(name, attributes)
        elif name == "inspectionType":
            self._types[attributes.get("id", "")] = attributes.get("name", "")
        elif name == "inspection":
            self._inspection(attributes)
        elif name == "buildProblem" and attributes.get("description"):
            self.add(NOWHERE, Severity.ERROR, attributes["description"], "teamcity")
        elif name == "message" and attributes.get("status") in ("ERROR", "FAILURE"):
            self._message(attributes)
        return True

    def _inspection(self, attributes: dict[str, str]) -> None:
        code = attributes.get("typeId", "")
        self.add(
            self.report.span(attributes.get("file"), attributes.get("line") or 1),
            SEVERITIES.get(attributes.get("SEVERITY", "").lower(), Severity.WARNING),
            attributes.get("message") or self._types.get(code) or code,
            "teamcity",
            code,
        )

    def _message(self, attributes: dict[str, str]) -> None:
        text = "\n".join(filter(None, (attributes.get("text"), attributes.get("errorDetails"))))
        place = next(places(text), None)
        if place:
            self.add(span_of(place, self.report), Severity.ERROR, text, "teamcity")

    # --- tests

    def _test(self, name: str, attributes: dict[str, str]) -> None:
        flow, title = attributes.get("flowId", ""), attributes.get("name", "")
        suites = self._suites.setdefault(flow, [])
        if len(self._suites) > _FLOWS:
            self._suites.clear()
        path = (*suites, title)
        if name == "testSuiteStarted" and title:
            suites.append(title)
        elif name == "testSuiteFinished":
            if title in suites:
                del suites[suites.index(title) :]
        elif name == "testStarted":
            self._started.add(path)
        elif path not in self._started:
            return
        elif name == "testFailed":
            self._failed(path, attributes)
        elif name == "testIgnored":
            self._ended[path] = (TestState.SKIPPED, attributes.get("message", ""), None)
            self._add_test(path, None)
        elif name in ("testStdOut", "testStdErr"):
            text = self._outputs.get(path, "") + attributes.get("out", "")
            self._outputs[path] = text[-8192:]
        elif name == "testFinished":
            duration = attributes.get("duration", "")
            seconds = int(duration) / 1000 if duration.isdecimal() and len(duration) < 12 else None
            self._add_test(path, seconds)

    def _failed(self, path: tuple[str, ...], attributes: dict[str, str]) -> None:
        message, details = attributes.get("message", "").strip(), attributes.get("details", "")
        if native := [*_NATIVE.finditer(message[:4096])][-1:]:
            span: Span | None = self.report.span(
                native[0]["file"], native[0]["line"] or native[0]["row"]
            )
            message = message[native[0].end() :].strip() or details.strip()
        else:
            place = next(places(details or message, ".".join(path[:-1])), None)
            span = span_of(place, self.report) if place else None
        message = message or details.strip().partition("\n")[0] or "failed"
        self.add(span or NOWHERE, Severity.ERROR, message, "teamcity")
        self._ended[path] = (TestState.FAILED, message, span)
        self._add_test(path, None)

    def _add_test(self, path: tuple[str, ...], duration: float | None) -> None:
        state, message, span = self._ended.get(path, (TestState.PASSED, "", None))
        if duration is not None:
            self._ended.pop(path, None)
            self._started.discard(path)
        self.report.add_test(
            path,
            state,
            "teamcity",
            duration=duration,
            message=message,
            span=span,
            output=self._outputs.pop(path, "") if duration is not None else "",
        )


def _unescaped(text: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match["code"]:
            return chr(int(match["code"], 16))
        return _LETTERS.get(match["letter"], match["letter"])

    return _ESCAPE.sub(value, text) if "|" in text else text
