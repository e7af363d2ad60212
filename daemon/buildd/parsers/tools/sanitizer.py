"""Reads the sanitizers of gcc and clang: address, leak, thread, memory, undefined behaviour."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.native_frames import is_own

_HEAD = re.compile(
    r"(?:==\d+== ?)?(?P<kind>ERROR|WARNING): (?P<source>(?:HW|KA|KC)?(?:Address|Leak|Thread|Memory|"
    r"UndefinedBehavior|Type|Realtime|DataFlow|GWP-A|NumericalStability)San(?:itizer)?|libFuzzer)"
    r":? (?P<message>.*)"
)
_RUNTIME = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*?)"
    r"(?::(?P<line>\d+):(?:(?P<column>\d+):)?|\((?P<row>\d+)(?:,(?P<at>\d+))?\):) "
    r"runtime error: (?P<message>.*)"
)
_NOTE = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): note: "
    r"(?P<message>.*)"
)
_FRAME = re.compile(
    r" +#(?P<number>\d+) (?:0x[0-9a-f]+ (?:in )?)?(?P<function>.*?) ?"
    r"(?P<file>(?:^|(?<= ))(?:/[^:]+|[A-Za-z]:[\\/][^:]+|[^\s:()/][^\s:]*)):(?P<line>\d+)"
    r"(?::(?P<column>\d+))?(?: \([^()]*\))*\s*$"
)
_ANY_FRAME = re.compile(r" +#\d+ ")
_SUMMARY = re.compile(
    r"(?:==\d+== ?)?SUMMARY: \w+: (?P<code>data race|thread leak|[a-z]+(?:-\w+)+)?"
)
_LEAK = re.compile(r"(?:Direct|Indirect) leak of [\d,]+ byte\(s\) in [\d,]+ object\(s\)")
_ACCESS = re.compile(r" *(?:READ|WRITE|(?:Atomic )?(?:Read|Write|read|write)) of size \d+")
_LOCATED = re.compile(r"0x[0-9a-f]+ is (?P<message>located .*?)(?: \[0x[^\]]*\]?\)?)?$")
_ADDRESS = re.compile(
    r" \(pid=\d+\)| \((?:T\d+|tid=|0x)[^)]*\)|^Address 0x[0-9a-f]+ is |"
    r" (?:at|on) (?:address )?0x[0-9a-f]+| \(pc .*| at pc .*"
    r"|: ?\(?0x[0-9a-f]+\)?:?$| in thread T\d+.*| +thread T\d+$| by (?:main )?thread(?: T\d+)?"
)
_CODE = re.compile(r"(?:attempting )?(?P<code>[a-z]+(?:-[\w-]+)+|SEGV|FPE|BUS|ILL|ABRT)\b")
_DEFINED_TWICE = re.compile(
    r"  \[\d+\] size=\d+ '(?P<name>[^'\n]*)' (?P<file>\S[^\n]*?):(?P<line>\d+):(?P<column>\d+)"
)
_TITLES = ("Thread T", "Mutex M", "Uninitialized value was")
_NOISE = re.compile(r"[A-Z]\w+:DEADLYSIGNAL$|=====+$")


class Sanitizer(Parser):
    """Reads a first line, stacks, each with a title above, and a summary.

    The place of the diagnostic is the first frame in the project's own code. Columns count bytes.
    """

    TOOLS = "AddressSanitizer, LeakSanitizer, ThreadSanitizer, MemorySanitizer, UBSan, libFuzzer"
    HINTS = (
        "ERROR: AddressSan", "ERROR: LeakSan", "ERROR: ThreadSan", "ERROR: MemorySan",
        "ERROR: UndefinedBehaviorSan", "ERROR: HWAddressSan", "ERROR: TypeSan",
        "ERROR: RealtimeSan", "ERROR: libFuzzer", "WARNING: ThreadSan", "WARNING: MemorySan",
        "WARNING: AddressSan", "WARNING: HWAddressSan", "WARNING: NumericalStabilitySan",
        ": runtime error: ", ":DEADLYSIGNAL",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""
        """`head`, `runtime` for an error that begins with its place, or empty."""
        self._source = ""
        self._severity = Severity.ERROR
        self._message: list[str] = []
        """The message of a diagnostic whose place is still to come."""
        self._code = ""
        self._title = ""
        """The title of the stack that comes next; empty for that of the diagnostic itself."""
        self._is_titled = False
        """Whether this stack was added as a note already."""
        self._is_repeat = False

    def begin(self, line: str) -> bool:
        if match := _RUNTIME.match(line):
            self._flush()
            span = self.report.span(
                match["file"], match["line"] or match["row"], match["column"] or match["at"]
            )
            source = "UndefinedBehaviorSanitizer"
            self.add(span, Severity.ERROR, match["message"], source)
            self._start("runtime", source, Severity.ERROR)
            return True
        if match := _HEAD.match(line):
            self._flush()
            severity = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self._start("head", match["source"], severity)
            message = match["message"]
            if "detected memory leaks" not in message:
                code = _CODE.match(message)
                self._code = code["code"] if code else ""
                self._message = [_cleaned(message) if self._code != "SEGV" else _shown(message)]
            return True
        return bool(_NOISE.match(line))

    def more(self, line: str) -> bool | None:
        if not self._state or _HEAD.match(line) or _RUNTIME.match(line):
            return False
        if match := _SUMMARY.match(line):
            self._summary(match["code"] or "")
            return True
        if _ANY_FRAME.match(line):
            self._frame(line)
            return True
        if self._state == "runtime":
            return self._below_runtime_error(line)
        return self._below_head(line)

    def finish(self) -> None:
        self._flush()

    def _start(self, state: str, source: str, severity: Severity) -> None:
        self._state, self._source, self._severity = state, source, severity
        self._message, self._code, self._title, self._is_titled = [], "", "", False

    def _below_runtime_error(self, line: str) -> bool | None:
        if match := _NOTE.match(line):
            self.note(self._span(match), match["message"])
            return True
        # The bytes around an address follow, or nothing before the summary.
        return True if line.startswith((" ", "0x")) else None if not line else False

    def _below_head(self, line: str) -> bool | None:
        text = line.strip()
        if _LEAK.match(text):
            self._flush()
            self._message, self._code = [text.removesuffix(" allocated from:").rstrip(":")], "leak"
            self._title, self._is_titled = "", False
        elif self._code == "leak" and not text:
            pass
        elif _ACCESS.match(line) and len(self._message) == 1 and self.at is None:
            self._message.append(_cleaned(text.rstrip(":")))
        elif match := _DEFINED_TWICE.match(line):
            if self._message:
                self._message = [f"{self._code}: {match['name']}"]
                self._place(self._span(match))
            else:
                self.note(self._span(match), f"{match['name']} is defined here, too")
        elif match := _LOCATED.match(text):
            if self.at is not None:
                self.lengthen(match["message"])
            self._titled(text)
        elif "<== " in text:
            self.lengthen(text.replace("<== ", ""))
        elif text.endswith((":", "in frame", "at")) or text.startswith(_TITLES):
            self._titled(text)
        elif text.startswith(("The signal is caused by", "Hint: address points", "Cycle in lock")):
            if self.at is None and self._message:
                self._message.append(text)
            else:
                self.lengthen(text)
        elif text and not line.startswith((" ", "0x", "=", "HINT", "Address ", "Shadow", "Uninit")):
            # It is the program's own output, or another tool's.
            return None
        return True

    def _titled(self, text: str) -> None:
        self._title, self._is_titled = _cleaned(text.rstrip(":")), False

    def _frame(self, line: str) -> None:
        match = _FRAME.match(line)
        if not match or not is_own(match["function"], match["file"]):
            return
        span = self._span(match)
        if self._message and self._state == "head":
            self._place(span)
            self._is_titled = True
        elif self.at is None:
            return
        elif self._title and not self._is_titled:
            self.note(span, self._title)
            self._is_titled = True
        elif not self._title:
            place = self.report.diagnostics[self.at].span
            if (place.file, place.line) != (span.file, span.line):
                self.note(span, f"in {match['function']}")

    def _place(self, span: Span) -> None:
        message, self._message = "\n".join(self._message), []
        self.at = None
        self.add(span, self._severity, message, self._source, self._code)

    def _summary(self, code: str) -> None:
        at = self.at
        self._flush()
        at = self.at if at is None else at
        is_new = at is not None and code and code != "undefined-behavior"
        if at is not None and is_new and not self.report.diagnostics[at].code:
            self.report.amend(at, code=code)
        self._state = ""

    def _flush(self) -> None:
        """Adds a diagnostic for which no place was found."""
        if self._message:
            self._place(NOWHERE)
        self.at = None if self._state == "head" else self.at

    def _span(self, match: re.Match[str]) -> Span:
        return self.report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE)


def _cleaned(text: str) -> str:
    """Removes addresses and process numbers, which vary between runs."""
    return _ADDRESS.sub("", text).strip()


def _shown(text: str) -> str:
    return text.partition(" (pc ")[0]
