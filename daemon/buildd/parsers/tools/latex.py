"""Reads TeX and LaTeX: errors with and without their place, warnings, and badly filled boxes."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

EXTENSIONS = (
    r"(?:tex|ltx|latex|sty|cls|clo|def|cfg|dtx|ins|bbl|bbx|cbx|aux|toc|lof|lot|out|ind|fd|tikz|"
    r"pgf|ldf|lbx|Rnw|rnw|lua|vrb|code\.tex)"
)
_BANNER = re.compile(r"This is (?P<engine>[\w()-]*TeX\w*|METAFONT|MetaPost),? Version ")
_PLACED = re.compile(r"(?P<file>(?:[A-Za-z]:)?[^\s:!(<][^:\n]*?):(?P<line>\d+): (?P<message>\S.*)")
_PLACED_FILE = re.compile(rf".*\.{EXTENSIONS}$")
_ERROR = re.compile(r"! ?(?P<message>\S.*)")
_LUA = re.compile(r".*?(?P<message>\[\\directlua\]:\d+: .*)")
_LINE = re.compile(r"l\.(?P<line>\d+)(?: (?P<text>.*))?$")
_AT_END = re.compile(rf"<\*> (?P<file>\S+\.{EXTENSIONS})\s*$")
_WARNING = re.compile(
    r"(?P<message>(?P<kind>LaTeX3?(?: \w+)?|(?:Package|Class|Module) (?P<name>\S+)) Warning: .*"
    r"|(?:pdf|Lua|lua|Xe|e-)TeX warning\b.*|x?dvipdfmx:(?:warning|fatal): .*)"
)
_ON_LINE = re.compile(r"\bon (?:input )?line (?P<line>\d+)\b")
_BOX = re.compile(
    r"(?P<message>(?:Over|Under)full \\[hv]box \((?:[\d.]+pt too (?:wide|high)|badness \d+)\).*"
    r"|(?:Loose|Tight) \\[hv]box \(badness \d+\).*)"
)
_AT_LINES = re.compile(r"\bat lines? (?P<line>\d+)(?:--(?P<end>\d+))?")
_OPENED = re.compile(r"[()]|\[[\d.]+")
_NAME = re.compile(r"\(\s?(?:\"(?P<quoted>[^\"]+)\"|(?P<plain>[^\s()\"<>{}\[\]]+))")
_END = re.compile(r"Transcript written on |(?:\S*make(?:\[\d+\])?|Latexmk|latexmk|ninja): ")
_FOLLOWS = ("Emergency stop.", "==> Fatal error occurred")
"""What TeX prints after the error that made it stop."""
_WIDTH = 79
_MAX_LINES = 40
"""The most lines between an error and its `l.12`."""


class Latex(Parser):
    """Reads the output of TeX, which prints parentheses around what each file prints.

    TeX breaks lines after 79 characters. From its first line on every line is read, but other
    parsers may take those that do not matter here.
    """

    TOOLS = "TeX, pdfTeX, LuaTeX, XeTeX; latexmk"
    HINTS = (
        "TeX, Version ",
        "TeX Version ",
        "This is METAFONT, ",
        "\n! ",
        "\n!pdfTeX error",
        " Warning: ",
        "TeX warning",
        "full \\hbox (",
        "full \\vbox (",
        "directlua]:",
        "dvipdfmx:",
        "\nTranscript written on ",
        ".tex:",
        ".ltx:",
        ".sty:",
        ".cls:",
        ".bbl:",
        ".aux:",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_running = False
        self._is_font = False
        """Whether the output is Metafont's, which TeX runs to make a font."""
        self._files: list[str] = []
        self._broken = ""
        """The start of a line that was broken after 79 characters."""
        self._state = ""
        self._lines = 0
        self._message: list[str] = []
        self._span = NOWHERE
        self._severity = Severity.ERROR
        self._name = ""
        """The name in parentheses before the further lines of a package's warning."""

    def begin(self, line: str) -> bool | None:
        return self._read(line, is_first=True)

    def more(self, line: str) -> bool | None:
        return self._read(line, is_first=False)

    def finish(self) -> None:
        self._close()

    def _read(self, line: str, *, is_first: bool) -> bool | None:
        if self._broken and (is_first or self._is_head(line)):
            # The line was exactly that long.
            broken, self._broken = self._broken, ""
            self._line(broken)
        whole = self._broken + line
        if len(line) == _WIDTH or len(line.encode("utf-8", "replace")) == _WIDTH:
            is_known = bool(self._state) or self._is_head(whole)
            if len(whole) < 4000 and (is_known or not is_first):
                self._broken = whole
                return True if is_known else None
        self._broken = ""
        taken = self._line(whole)
        if taken or (is_first and not whole.startswith("Transcript written on ")):
            return taken or False
        if _END.match(whole):
            return self._ended()
        if self._is_running:
            self._parentheses(whole)
            return None
        return None if self._state else False

    def _is_head(self, line: str) -> bool:
        return bool(
            line.startswith(("! ", "l."))
            or _WARNING.match(line)
            or _BOX.match(line)
            or _LUA.match(line)
            or ((match := _PLACED.match(line)) and _PLACED_FILE.match(match["file"]))
        )

    def _line(self, line: str) -> bool | None:
        if match := _BANNER.match(line):
            self._close()
            self._is_font = match["engine"].startswith("META")
            if not self._is_font:
                self._is_running, self._files = True, []
            return True
        if self._is_font:
            if not _WARNING.match(line) and not line.startswith("! LaTeX Error"):
                return True if line.startswith("! ") else None
            self._is_font = False
        if self._state and (taken := self._rest(line)):
            return taken
        if match := _WARNING.match(line):
            self._warn(match)
        elif match := _BOX.match(line):
            self._box(match)
        elif (match := _PLACED.match(line)) and self._is_placed(match):
            if match["message"].lstrip().startswith(_FOLLOWS):
                # It has a place, and the error before it had none.
                if self._state == "error":
                    self._span = self.report.span(match["file"], match["line"])
                return True
            self._close()
            span = self.report.span(match["file"], match["line"])
            self._fail("placed", [match["message"]], span)
        elif match := _ERROR.match(line):
            return self._failed(match["message"])
        elif match := _LUA.match(line):
            self._close()
            self._fail("error", [match["message"]], NOWHERE)
        else:
            return None
        return True

    def _is_placed(self, match: re.Match[str]) -> bool:
        return bool(_PLACED_FILE.match(match["file"])) and not match["message"].startswith(
            ("error: ", "warning: ", "note: ")
        )

    # --- errors

    def _failed(self, message: str) -> bool | None:
        if message.lstrip().startswith(_FOLLOWS):
            return True if self._is_running else None
        self._close()
        self._fail("error", [message], NOWHERE)
        # Other tools begin lines with `! `, too.
        return True if self._is_running else None

    def _fail(self, state: str, message: list[str], span: Span) -> None:
        self._state, self._lines, self._message, self._span = state, 0, message, span
        self._severity = Severity.ERROR
        found = re.match(r"(?:Package|Class|Module) (\S+) Error: ", message[0])
        self._name = found[1] if found else ""

    def _rest(self, line: str) -> bool | None:
        """Reads a line below the first one of a message."""
        self._lines += 1
        if self._state == "warning":
            if self._name and line.startswith(f"({self._name})"):
                self._message.append(line[len(self._name) + 2 :].strip())
                return True
            self._close()
            return None
        if self._state == "box":
            # It is the text that does not fit.
            if line.strip() and self._lines < 10:
                return True
            self._state = ""
            return None
        if self._state == "after":
            # It is the rest of the source line, which TeX has not read yet.
            self._state = ""
            return True if line.startswith(" ") or not line.strip() else None
        if match := _LINE.match(line):
            if self._state == "error" and not self._span.file:
                self._span = self.report.span(self._file(), match["line"])
            self._close()
            self._state = "after"
            return True
        if self._lines > _MAX_LINES or _END.match(line):
            self._close()
            return None
        if self._name and self._message and line.startswith(f"({self._name})"):
            self._message.append(line[len(self._name) + 2 :].strip())
            return True
        if self._state == "error" and (match := _AT_END.match(line)):
            self._span = self.report.span(match["file"], 1)
        if (match := _ERROR.match(line)) and not match["message"].lstrip().startswith(_FOLLOWS):
            return None
        if (match := _PLACED.match(line)) and self._is_placed(match):
            return None
        if _WARNING.match(line) or _BOX.match(line):
            return None
        return True if self._is_running or self._state == "placed" else None

    def _close(self) -> None:
        """Adds the last message, which is complete."""
        state, self._state = self._state, ""
        if not self._message or (state == "error" and not (self._is_running or self._span.file)):
            self._message = []
            return
        message, self._message = " ".join(self._message), []
        span = self._span
        if state == "error" and not span.file and self._file():
            span = self.report.span(self._file(), 1)
        if state == "warning":
            match = _ON_LINE.search(message)
            if match and self._file():
                span = self.report.span(self._file(), match["line"])
        self.add(span, self._severity, message, "latex")

    # --- warnings

    def _warn(self, match: re.Match[str]) -> None:
        self._close()
        self._state, self._lines, self._span = "warning", 0, NOWHERE
        self._message = [match["message"].strip()]
        self._severity = Severity.ERROR if ":fatal: " in match["message"] else Severity.WARNING
        kind = match["kind"] or ""
        self._name = match["name"] or ("Font" if kind.endswith(" Font") else "")

    def _box(self, match: re.Match[str]) -> None:
        self._close()
        span = NOWHERE
        if (found := _AT_LINES.search(match["message"])) and self._file():
            span = self.report.span(self._file(), found["line"])
            if found["end"] and found["end"] != found["line"]:
                end = self.report.span(self._file(), found["end"]).line
                span = msgspec.structs.replace(span, end_line=end)
        self.add(span, Severity.INFORMATION, match["message"].strip(), "latex")
        self._state, self._lines = "box", 0

    # --- files

    def _file(self) -> str:
        """Returns the file that TeX is reading, as far as its parentheses tell."""
        return next((name for name in reversed(self._files) if name), "")

    def _parentheses(self, line: str) -> None:
        for match in _OPENED.finditer(line):
            if match[0] == "(":
                name = _NAME.match(line, match.start())
                text = (name["quoted"] or name["plain"]) if name else ""
                is_file = "." in text.strip(".") or "/" in text
                if len(self._files) < 1000:
                    self._files.append(text if is_file else "")
            elif match[0] == ")" and self._files:
                self._files.pop()

    def _ended(self) -> bool | None:
        self._close()
        if self._is_font:
            self._is_font = False
            return True
        self._is_running, self._files = False, []
        return False
