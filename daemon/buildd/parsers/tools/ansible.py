"""Reads ansible-playbook and related commands: errors in playbooks, and failed tasks."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_ERROR = re.compile(r"(?:ERROR! |\[ERROR\]: )(?P<message>\S.*)")
_APPEARS = re.compile(
    r".*?The error appears to (?:be|have been) in '(?P<file>[^'\n]+)': line (?P<line>\d+), "
    r"column (?P<column>\d+)"
)
_ORIGIN = re.compile(r"Origin: (?P<file>[^\s<][^\n]*?):(?P<line>\d+)(?::(?P<column>\d+))?$")
_TASK = re.compile(r"(?:TASK|RUNNING HANDLER) \[(?P<name>.*)\] \*+$")
_PATH = re.compile(r"task path: (?P<file>\S.*):(?P<line>\d+)$")
_FAILED = re.compile(
    r"(?:fatal|failed): \[[^\]\n]+\](?: \([^\n]*?\))?: (?:FAILED|UNREACHABLE)! => (?P<result>.*)"
)
_FAILED_ITEM = re.compile(r"failed: \[[^\]\n]+\] \((?:item=)?[^\n]*?\) => (?P<result>\{.*)")
_MESSAGE = re.compile(r"\"msg\": \"(?P<message>(?:[^\"\\]|\\.)*)\"")
_MAX_LINES = 40


class Ansible(Parser):
    """Reads errors, whose place is printed below the message.

    From ansible-core 2.19 on, a chain of causes follows, each with its place. Columns count code
    points.
    """

    TOOLS = "ansible-playbook"
    HINTS = (
        "\nERROR! ",
        "\n[ERROR]: ",
        "\nTASK [",
        "\nRUNNING HANDLER [",
        "\ntask path: ",
        "\nfatal: [",
        "\nfailed: [",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._task = ""
        self._path = NOWHERE
        self._message: list[str] = []
        self._span = NOWHERE
        self._state = ""
        self._lines = 0
        self._is_complete = False
        self._last_message = ""
        """The message of the last error, which the result of the task repeats."""

    def begin(self, line: str) -> bool:
        self._close()
        self._lines = 0
        if match := _ERROR.match(line):
            self._message, self._span, self._state = [match["message"]], NOWHERE, "error"
            self._is_complete = False
            self.at = None
        elif match := _TASK.match(line):
            self._task, self._path, self._last_message = match["name"], NOWHERE, ""
        elif match := _PATH.match(line):
            self._path = self.report.span(match["file"], match["line"])
        elif match := _FAILED.match(line) or _FAILED_ITEM.match(line):
            self._failed(match["result"])
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._state == "result":
            if line == "...ignoring":
                self._state, self._message = "", []
                return True
            self._close()
            return False
        if self._state not in ("error", "below") or self._lines > _MAX_LINES:
            self._close()
            return False
        if match := _ORIGIN.match(line) or _APPEARS.match(line):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
            if self._state == "error":
                self._span = span
                self._add()
                self._state = "below"
            else:
                self.note(span, "caused here")
            return True
        if self._state == "error" and not self._is_complete and not self._ends(line):
            # After an empty line, the same is printed again, cause by cause.
            self._is_complete = not line.strip()
            if line.strip() and len(self._message) < 20:
                self._message.append(line.strip())
            return True
        if self._ends(line):
            self._close()
            return False
        # This is an excerpt of the file, or a further explanation.
        return True

    def finish(self) -> None:
        self._close()

    def _ends(self, line: str) -> bool:
        return line.startswith(
            (
                "PLAY ",
                "TASK [",
                "fatal: ",
                "failed: ",
                "ERROR! ",
                "[ERROR]: ",
                "[WARNING]: ",
                "ok: ",
            )
        )

    def _failed(self, result: str) -> None:
        found = _MESSAGE.search(result)
        message = found["message"] if found else result
        message = message.replace("\\n", "\n").replace('\\"', '"')
        known = self._last_message.partition("\n")[0]
        if known and (known in message or message.partition("\n")[0] in known):
            return
        span = self._path
        if match := _APPEARS.match(message.replace("\n", " ")):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
        message = message.partition("\n\nThe error appears")[0]
        self._message, self._span, self._state = [message.strip()], span, "result"

    def _add(self) -> None:
        self._last_message = "\n".join(self._message)
        self.add(self._span, Severity.ERROR, self._last_message, "ansible")
        self._message = []

    def _close(self) -> None:
        if self._state in ("error", "result") and self._message:
            self._add()
        self._state, self._message = "", []
