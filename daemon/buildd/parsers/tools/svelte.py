"""Reads svelte-check, in its formats for people and for programs."""

from __future__ import annotations

import json
import re

from buildd.base.lone_surrogates import without_lone_surrogates
from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, LineParser, Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import web_file

_HEAD = re.compile(web_file() + r":(?P<line>\d+):(?P<column>\d+)$")
_MESSAGE = re.compile(r"(?P<kind>Error|Warn|Hint): (?P<message>.*)$")
_END = re.compile(r"(?P<message>.*) \((?P<source>[a-z][\w-]*)\)$")
_HREF = re.compile(r"https://svelte\.dev/e/(?P<code>\w+)$")
_LIMIT = 20


class SvelteCheck(Parser):
    """Reads a place, `Error: message (source)` over several lines, and the source."""

    TOOLS = "svelte-check"
    HINTS = (".svelte:", "ts:", "js:", "css:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._kind = Severity.ERROR
        self._message: list[str] = []
        self._is_over = True

    def begin(self, line: str) -> bool | None:
        self._head, self._message, self._is_over = _HEAD.match(line), [], False
        return None if self._head else False

    def more(self, line: str) -> bool | None:
        if not self._message:
            match = _MESSAGE.match(line)
            if not match:
                return False
            self._kind, line = SEVERITIES[match["kind"].lower()], match["message"]
        if self._is_over or len(self._message) > _LIMIT:
            # It may be a line of the source.
            return bool(line.strip()) and not line.startswith("====") and not _HEAD.match(line)
        end = _END.match(line)
        self._message.append(end["message"] if end else line)
        if end:
            self._is_over = True
            self._add()
        return True

    def _add(self) -> None:
        head, code, href = self._head, "", ""
        if head is None:
            return
        for number, line in enumerate(self._message):
            if match := _HREF.match(line):
                code, href = match["code"], match[0]
                del self._message[number]
                break
        self._message = self._message or [code]
        span = self.report.span(head["file"], head["line"], head["column"], unit=ColumnUnit.UTF16)
        text = "\n".join(self._message)
        self.at = self.report.add(span, self._kind, text, "svelte-check", code, href=href)


class SvelteMachine(LineParser):
    """Reads `1700000000000 ERROR "a.svelte" 1:2 "…"`, with a message in JSON, or all in JSON."""

    TOOLS = "svelte-check (machine)"
    HINTS = (' ERROR "', ' WARNING "', ' {"type":"ERROR"', ' {"type":"WARNING"')
    SOURCE = "svelte-check"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        r"\d{10,} (?P<kind>ERROR|WARNING) \"(?P<file>[^\"]+)\" (?P<line>\d+):(?P<column>\d+) "
        r"(?P<message>\".*\")$"
    )

    def begin(self, line: str) -> bool:
        number, _, rest = line.partition(" ")
        if not number.isdecimal() or len(number) < 10:
            return False
        if rest.startswith("{"):
            return self._json(rest)
        match = self.PATTERN.match(line)
        if not match:
            return False
        try:
            message = str(json.loads(without_lone_surrogates(match["message"])))
        except ValueError:
            message = match["message"].strip('"')
        span = self.report.span(match["file"], match["line"], match["column"], unit=self.UNIT)
        text, code, href = _without_link(message)
        severity = self.severity(match.groupdict())
        self.at = self.report.add(span, severity, text, self.SOURCE, code, href=href)
        return True

    def _json(self, text: str) -> bool:
        try:
            found = json.loads(without_lone_surrogates(text))
            start, end = found["start"], found["end"]
            span = self.report.span(
                found["filename"],
                start["line"] + 1,
                start["character"] + 1,
                end["line"] + 1,
                end["character"] + 1,
                self.UNIT,
            )
            message, code, href = _without_link(str(found["message"]))
            severity = SEVERITIES[str(found["type"]).lower()]
        except (ValueError, LookupError, TypeError, RecursionError):
            return False
        number = found.get("code")
        if not code and isinstance(number, int) and number > 0:
            code = f"TS{number}"
        self.at = self.report.add(span, severity, message, self.SOURCE, code, href=href)
        return True


def _without_link(message: str) -> tuple[str, str, str]:
    """Splits the rule's name and page from a message, which has them on a line of its own."""
    for line in message.split("\n"):
        if match := _HREF.match(line):
            return message.replace(f"\n{line}", ""), match["code"], line
    return message, "", ""
