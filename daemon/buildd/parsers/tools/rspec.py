"""Reads the results of RSpec, a test framework for Ruby."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.tools.ruby import is_other

_ITEM = re.compile(r"  (?P<number>\d+)(?:\.\d+)?\) (?P<name>.+)$")
_FRAME = re.compile(r" +# (?P<file>\S[^:\n]*):(?P<line>\d+)(?::in .*)?$")
_RERUN = re.compile(r"rspec '?(?P<file>[^\s:'\[]+)(?::(?P<line>\d+)|\[[\d:]+\])'? # (?P<name>.*)$")
_LOADING = re.compile(r"An error occurred (?:while loading|in an? `)(?P<what>.*)$")
_SECTIONS = {
    "Failures:": "failures",
    "Failed examples:": "examples",
    "Pending: (Failures listed here are expected and do not affect your suite's status)": "pending",
}


class Rspec(Parser):
    """Reads one diagnostic per failed example, at the innermost line of the project's own code."""

    TOOLS = "RSpec"
    LEVEL = ("text", "tests")
    HINTS = ("\nFailures:", "\nFailed examples:", "\nPending: (", "\nAn error occurred ",
             "\nrspec ")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._section = ""
        self._is_sure = True
        self._name = ""
        self._frames: list[Span] = []
        self._message: list[str] = []
        self._failures: list[tuple[Span | None, str]] = []

    def begin(self, line: str) -> bool | None:
        self._is_sure = line != "Failures:"
        if line in _SECTIONS:
            self._section = _SECTIONS[line]
            # Other tools print the same heading: the first item tells.
            return True if self._is_sure else None
        if match := _LOADING.match(line):
            self._section, self._name = "loading", f"An error occurred {match['what']}"
            self._frames, self._message = [], []
            return True
        if match := _RERUN.match(line):
            self._rerun(match)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if line.startswith("Finished in ") or line in _SECTIONS:
            self._close()
            self._section = _SECTIONS.get(line, "")
            return True
        if not self._is_sure and not _ITEM.match(line):
            self._section = "" if line else self._section
            return None if not line else False
        self._is_sure = True
        if self._section == "examples":
            if match := _RERUN.match(line):
                self._rerun(match)
                return True
            return not line
        if not self._section:
            return False
        if (match := _ITEM.match(line)) and self._section != "loading":
            self._close()
            self._name = match["name"]
        elif match := _FRAME.match(line):
            file = match["file"]
            if not is_other(file):
                self._frames.append(self.report.span(file, match["line"]))
        elif self._section == "loading" and (
            line.startswith("An error occ") or line == "Run options:"
        ):
            self._close()
            return False
        elif self._name and not self._frames:
            self._message.append(line.removeprefix("     "))
        elif line and not line.startswith(" "):
            self._close()
            self._section = ""
            return False
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        name, frames, message = self._name, self._frames, self._message
        self._name, self._frames, self._message = "", [], []
        if not name:
            return
        # The source line is known from the file.
        while message and not message[0].strip():
            message.pop(0)
        if message and message[0].startswith("Failure/Error:"):
            message.pop(0)
            while message and message[0].startswith("  ") and message[0].strip():
                message.pop(0)
        text = "\n".join(line.rstrip() for line in message[:40]).strip()
        if self._section == "pending":
            if frames:
                path = (frames[-1].file, name)
                reason = text.removeprefix("# ").partition("\n")[0]
                self.report.add_test(
                    self._path(path[0], name), TestState.SKIPPED, "rspec",
                    message=reason, span=frames[-1],
                )  # fmt: skip
            return
        span = frames[0] if frames else None
        text = text or name
        if span:
            self.add(span, Severity.ERROR, text, "rspec")
            for frame in frames[1:20]:
                self.note(frame, "called from here")
        if self._section == "failures":
            self._failures.append((span, text))

    def _path(self, file: str, name: str) -> tuple[str, str]:
        return file.removeprefix(f"{self.report.directories.current}/"), name

    def _rerun(self, match: re.Match[str]) -> None:
        self._close()
        span, text = self._failures.pop(0) if self._failures else (None, "")
        file = self.report.resolve(match["file"])
        if span is None and not text:
            span = self.report.span(match["file"], match["line"])
            text = f"{match['name']} failed"
            self.add(span, Severity.ERROR, text, "rspec")
        self.report.add_test(
            self._path(file, match["name"]), TestState.FAILED, "rspec", message=text, span=span
        )
