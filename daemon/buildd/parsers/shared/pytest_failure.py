"""Reads the block that pytest prints for one failed test: places, message, captured output."""

from __future__ import annotations

import re

from buildd.model import Span
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.python_trace import START, Trace

CAPTURED = re.compile(r"-{5,} Captured .* -{5,}$")
PLACE = re.compile(
    r"(?P<file>(?:[A-Za-z]:\\)?[^\s:'\"`({][^:\n]*\.\w+|<[^>\n]+>):(?P<line>\d+)(?:: "
    r"(?P<what>.*))?$"
)
TYPE = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?:: |$)")
_FIXTURE = re.compile(r"file (?P<file>[^\n]+), line (?P<line>\d+)$")
_GROUP = re.compile(r"(?P<indent> {2,})[|+] (?P<text>[^\n]*)$")
_CHAINS = ("The above exception was the direct cause", "During handling of the above exception")


class Failure:
    """Reads the lines below the title of a failed test.

    Feed `read` the lines; call `close` once there are no more.
    """

    def __init__(self, title: str, what: str, report: ParseResult) -> None:
        self.title = title
        self.what = what
        """Empty for the test itself, otherwise what pytest did with it when it failed."""
        self.trace = Trace(report)
        self.message: list[str] = []
        self.code = ""
        self.output: list[str] = []
        self.lines: list[str] = []
        self.file = ""
        """The first file that was named, as it was printed."""
        self.span: Span | None = None
        self.text = ""
        self.is_captured = False
        """Whether the current lines are what the test has printed."""
        self._is_native = False
        self._is_group = False

    def read(self, line: str) -> None:
        """Reads one line of the block."""
        if len(self.lines) < 200:
            self.lines.append(line)
        if CAPTURED.match(line):
            self.is_captured = True
        elif self.is_captured:
            if len(self.output) < 1000:
                self.output.append(line)
        elif line.startswith("E  ") or line == "E":
            self._read_message(line[1:].rstrip())
        elif line.startswith(_CHAINS):
            self.trace.end("\n".join(_dedented(self.message)).strip() or self.code)
            self.trace.chain()
            self.message, self.code, self.file = [], "", ""
        elif match := PLACE.match(line) or _FIXTURE.match(line):
            what = match.groupdict().get("what") or ""
            if not what.startswith("in ") and re.fullmatch(r"[A-Za-z_][\w.]*", what):
                self.code = what
            self.file = self.file or match["file"]
            self.trace.add(match["file"], match["line"])
        elif self.trace.frame(line):
            pass
        elif (match := _GROUP.match(line)) and (
            self._is_group or match["text"].startswith(f"Exception Group {START}")
        ):
            self._is_group = True
            self._read_group(len(match["indent"]) > 2, match["text"])
        elif line == START:
            self._is_native = True
        elif self._is_native and (self.message or (line and not line[0].isspace())):
            # --tb=native ends with the exception itself.
            self.message.append(line)

    def close(self) -> None:
        """Sets `text` and `code` to what the block says."""
        self.text = "\n".join(_dedented(self.message)[:40]).strip()
        if not self.text and self.title.startswith("[doctest]"):
            self.text = "\n".join(line for line in self.lines[:-1] if line).strip()
        self.text = self.text or self.code or "failed"
        kind = TYPE.match(self.text)
        if kind and not self.code and ":" in self.text.partition("\n")[0]:
            self.code = kind["type"].rpartition(".")[2]

    def _read_message(self, text: str) -> None:
        bare = text.strip()
        # A syntax error names its place within the message.
        if bare.startswith('File "') and not self.message and self.trace.frame(bare):
            return
        if self.trace.is_syntax and not self.message and not TYPE.match(bare):
            return
        self.message.append(text)

    def _read_group(self, is_member: bool, text: str) -> None:  # noqa: FBT001 (one caller)
        """Reads a line of an exception group, which is printed as Python does.

        Only the frames of the group itself are used for the place.
        """
        if is_member:
            if TYPE.match(text) and len(self.message) < 40:
                self.message.append(f"  {text}")
        elif not self.trace.frame(text) and text[:1].strip() and not text.startswith("Exception G"):
            self.message.append(text)


def _dedented(lines: list[str]) -> list[str]:
    """Returns the lines without the indentation of the first line."""
    if not lines:
        return []
    width = len(lines[0]) - len(lines[0].lstrip())
    return [line[width:] if not line[:width].strip() else line.strip() for line in lines]
