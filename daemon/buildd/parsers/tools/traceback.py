"""Reads Python's tracebacks, syntax errors and warnings."""

from __future__ import annotations

import re

from buildd.model import Related, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.python_trace import CHAINS, FRAME, START, Trace

_START = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):\s*$")
_END = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*)|:?)$")
_RULE = re.compile(r" *\+-?\+?-{3,}(?: (?:\d+|\.\.\.) -+)?$")
_BAR = re.compile(r" *\|(?: (?P<text>.*))?$")
_WARNING = re.compile(
    # unittest prints the test's name before, on the same line
    r"(?:\w+ \([\w.]+\) \.\.\. )?"
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:<][^:\n]*\.pyx?):(?P<line>\d+): "
    r"(?P<code>[A-Z]\w*Warning|RemovedIn\w+): (?P<message>.*)"
)
_COMPILING = re.compile(r"Compiling '(?P<file>[^'\n]+)'\.\.\.$")
_FATAL = re.compile(r"Fatal Python error: (?P<message>.*)")
_SORRY = re.compile(
    r"Sorry: (?P<type>\w+): (?P<message>.*) \((?P<file>[^()\n]+), line (?P<line>\d+)\)$"
)
_LIMIT = 5000
"""The most lines of one traceback."""


class Traceback(Parser):
    """Reads one diagnostic per uncaught exception.

    Its place is the innermost frame in the project's own code. There are no columns, because the
    marks below a source line count from its first letter.
    """

    TOOLS = "Python: tracebacks, syntax errors, warnings"
    HINTS = (
        START,
        '  File "',
        "Warning: ",
        ": RemovedIn",
        "Fatal Python error: ",
        "Sorry: ",
        "\nCompiling '",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._trace = Trace(report)
        self._prefix = ""
        self._lines: list[str] = []
        self._state = ""
        self._fatal = ""
        self._threads: list[tuple[str, str]] = []
        self._compiling = ""
        self._member = Trace(report)

    def begin(self, line: str) -> bool:
        self._close()
        self._lines = [line]
        if START in line:
            return self._begin_trace(line)
        if match := _WARNING.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.WARNING, match["message"], "python", match["code"])
            self._state = "warning"
            return True
        if match := _FATAL.match(line):
            self._fatal, self._state = match["message"], "fatal"
            self._trace, self._threads = Trace(self.report), []
            return True
        if match := _COMPILING.match(line):
            self._compiling = match["file"]
            return True
        text = line.removeprefix("*** ")
        if match := _SORRY.match(text):
            # This is only the last part of the path.
            file = match["file"]
            file = self._compiling if self._compiling.endswith(f"/{file}") else file
            span = self.report.span(file, match["line"])
            message = f"{match['type']}: {match['message']}"
            self.add(span, Severity.ERROR, message, "python", match["type"])
            return True
        # A syntax error of a file that was only compiled has no first line; compileall prints
        # stars.
        if (match := FRAME.match(text)) and not match["rest"]:
            self._trace = Trace(self.report)
            self._trace.frame(text)
            self._prefix, self._state = line[: len(line) - len(line.lstrip())][2:], "syntax"
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._state == "warning":
            # The source line follows.
            self._state = ""
            return line.startswith("  ")
        if self._state == "fatal":
            return self._more_fatal(line)
        if not self._state or len(self._lines) > _LIMIT:
            self._close()
            return False
        self._lines.append(line)
        if self._state == "group":
            return self._more_group(line)
        if self._state == "ended":
            return self._after(line)
        if self._state == "chain" and START in line:
            return self._begin_trace(line)
        if self._state == "chain" and not line.strip(" |"):
            return True
        text = self._unprefixed(line)
        if text is None or not self._read(text):
            self._close()
            return False
        return True

    def finish(self) -> None:
        self._close()

    def _begin_trace(self, line: str) -> bool:
        at = line.index(START)
        if not _START.match(line, at):
            return False
        prefix = line[:at].removesuffix("Exception Group ")
        # The `+` in the first line of a group is a bar below.
        self._prefix = prefix.replace("+", "|")
        if self._state != "chain":
            self._trace = Trace(self.report)
        self._state = "trace"
        return True

    def _unprefixed(self, line: str) -> str | None:
        prefix = self._prefix
        if not prefix or line.startswith(prefix):
            return line[len(prefix) :]
        if prefix.rstrip() and line.rstrip() == prefix.rstrip():
            return ""
        if prefix.lstrip(" ").startswith("|") and line.lstrip(" ").startswith(("|", "+")):
            # The line is inside an exception group.
            return line
        if FRAME.match(line) and len(self._lines) == 2:
            self._prefix = ""
            return line
        if FRAME.match(line[len(prefix) :]) or line[len(prefix) :].startswith("    "):
            # The prefix varies, for example because it is a time.
            return line[len(prefix) :]
        return line if not prefix.strip() and not line else None

    def _read(self, text: str) -> bool:
        """Returns whether the line is part of the traceback."""
        if self._trace.frame(text):
            return True
        if _END.match(text):
            self._trace.end(text)
            self._state = "ended"
            if text.endswith(f": {START}"):
                # The exception quotes the one that led to it, which says more.
                self._trace.end(text.removesuffix(f": {START}"))
                self._trace.chain()
                self._state = "trace"
            return True
        return not text or text.startswith(" ")

    def _after(self, line: str) -> bool:
        """Reads what follows the exception's own line: another exception, or a group's members."""
        text = line.removeprefix(self._prefix).strip(" |")
        if text in CHAINS:
            self._trace.chain()
            self._state = "chain"
            return True
        if _RULE.match(line) and "|" in self._prefix:
            self._state, self._member = "group", Trace(self.report)
            return True
        if not text or (line.startswith(f"{self._prefix}  ") and "|" in self._prefix):
            return True
        self._close()
        return False

    def _more_group(self, line: str) -> bool:
        """Reads the members of an exception group, each with a traceback, after bars."""
        if _RULE.match(line):
            self._member = Trace(self.report)
            return True
        match = _BAR.match(line)
        if not match:
            self._state = "ended"
            return self._after(line)
        text = match["text"] or ""
        if _START.match(text):
            self._member = Trace(self.report)
        elif (
            not self._member.frame(text) and (end := _END.match(text)) and not self._member.message
        ):
            self._member.end(end[0])
            if self._member.span.file:
                note = Related(span=self._member.span, message=end[0])
                self._trace.related.append(note)
        return True

    def _more_fatal(self, line: str) -> bool:
        if match := FRAME.match(line):
            self._threads.append((match["file"], match["line"]))
        elif (not line.strip() and self._threads) or (
            line and not line.startswith(("Current thread", "Thread ", "Python runtime", "  ", "<"))
        ):
            self._close()
            return False
        return True

    def _close(self) -> None:
        state, self._state = self._state, ""
        if state == "fatal":
            # A fatal error prints the innermost frame first.
            for file, number in reversed(self._threads):
                self._trace.add(file, number)
            self._trace.end(f"Fatal Python error: {self._fatal}")
            state = "ended"
        trace = self._trace
        if state not in ("ended", "chain", "group") or not trace.message:
            if state != "chain" or not trace.related:
                return
            # The output broke off after the first exception.
            *before, last = trace.related
            self._add(last.span, last.message, before)
            return
        if not trace.has_frames and not trace.related:
            # Python always prints a frame below this line; documentation may not.
            return
        self._add(trace.span, trace.message, trace.notes())

    def _add(self, span: Span, message: str, related: list[Related]) -> None:
        code = message.partition(":")[0].rpartition(".")[2]
        code = "" if " " in code else code
        rendered = "\n".join(self._lines[:60]) if len(self._lines) > 1 else ""
        self.at = self.report.add(
            span, Severity.ERROR, message, "python", code, related=related, rendered=rendered
        )
