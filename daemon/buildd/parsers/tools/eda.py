"""Reads hardware design tools: ModelSim, Vivado, Quartus, Xcelium, VCS and Verible."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_SOURCE = r"(?:v|sv|vh|svh|vhd|vhdl|vlt|vams|sdc|xdc|tcl|qsf|psl)"
_FILE = rf"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(\[\"*][^:(\[\"*\n]*\.{_SOURCE})"
_KINDS = {"warning": Severity.WARNING, "w": Severity.WARNING, "critical warning": Severity.WARNING,
          "note": Severity.INFORMATION, "info": Severity.INFORMATION}  # fmt: skip

_MODELSIM = re.compile(
    r"(?:# )?\*\* (?P<kind>Error|Warning|Fatal)(?: \(suppressible\))?: ?(?P<text>.*)"
)
_CODE = re.compile(r"\((?P<code>v[a-z]+-\d+)\) ?")
_AT = re.compile(rf"(?:# )?(?:\*\* at )?{_FILE}\((?P<line>\d+)\): ?(?P<message>.*)")
_WITHIN = re.compile(rf"(?:# )?\*\* while parsing [^\n]*? at {_FILE}\((?P<line>\d+)\)")
_LATER = re.compile(
    rf"#? {{3,}}(?:Time: .*)?(?:File|\$\w+ +): ?{_FILE}(?: Line: (?P<line>\d+)|\((?P<row>\d+)\))"
)
_VIVADO = re.compile(
    r"(?P<kind>ERROR|CRITICAL WARNING|WARNING): \[(?P<code>[\w ]+ \d+-\d+)\] (?P<message>.*)"
)
_IN_BRACKETS = re.compile(rf" ?\[{_FILE}:(?P<line>\d+)\]$")
_QUARTUS = re.compile(
    # Codes of four digits without a place are solc's.
    r"(?:\s*)(?P<kind>Error|Warning|Critical Warning) \((?P<code>\d{5,6}|\d{4}(?=.* Line: \d))\): "
    r"(?P<message>.*)"
)
_QUARTUS_AT = re.compile(rf" File: {_FILE} Line: (?P<line>\d+)$")
_QUARTUS_IN = re.compile(rf" at {_FILE}\((?P<line>\d+)\)")
_XCELIUM = re.compile(
    r"(?P<tool>xm\w+|nc\w+|xrun|irun): \*(?P<kind>[EWF]),(?P<code>\w+)"
    rf"(?: \({_FILE},(?P<line>\d+)(?:\|(?P<column>\d+))?\))?: (?P<message>.*)"
)
_VCS = re.compile(r"(?P<kind>Error|Warning)-\[(?P<code>[\w-]+)\] (?P<message>.*)")
_VCS_AT = re.compile(rf"\s*\"?{_FILE}\"?, (?:line )?(?P<line>\d+)")
_VERIBLE = re.compile(
    rf"{_FILE}:(?P<line>\d+):(?P<column>\d+)(?:-(?:(?P<end_line>\d+):)?(?P<last>\d+))?: "
    r"(?P<message>syntax error at .*|(?!\w+: |fatal error: ).* \[[\w-]+\])$"
)


class Eda(Parser):
    """Reads messages whose place comes before them, after them, or on a later line."""

    TOOLS = "ModelSim, Questa, Vivado, Quartus, Xcelium, VCS, Verible"
    HINTS = ("** Error", "** Warning", "** Fatal", "ERROR: [", "WARNING: [", "rror (",
             "arning (", ": *E,", ": *W,", ": *F,", "\nError-[", "\nWarning-[", ".sv:", ".v:",
             ".svh:")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._part = ""
        self._lines = 0
        self._head = Severity.ERROR, "", ""
        """The severity, the code and the message of a diagnostic whose place is still to come."""
        self._within: list[tuple[Span, str]] = []

    def begin(self, line: str) -> bool:
        self._flush()
        if match := _MODELSIM.match(line):
            self._modelsim(match)
        elif match := _VIVADO.match(line):
            self._found(match, match["message"], "vivado", _IN_BRACKETS)
        elif match := _QUARTUS.match(line):
            is_last = bool(_QUARTUS_AT.search(match["message"]))
            place = _QUARTUS_AT if is_last else _QUARTUS_IN
            self._found(match, match["message"], "quartus", place)
        elif match := _XCELIUM.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
            severity = _KINDS.get(match["kind"].lower(), Severity.ERROR)
            self.add(span, severity, match["message"], match["tool"], match["code"])
        elif match := _VCS.match(line):
            severity = _KINDS.get(match["kind"].lower(), Severity.ERROR)
            self._head = severity, match["code"], match["message"]
            self._part, self._lines = "vcs", 0
        elif match := _VERIBLE.match(line):
            self._verible(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool:
        if self._part == "vcs":
            return self._more_vcs(line)
        if self._part != "modelsim":
            return False
        if match := _WITHIN.match(line):
            self._within.append(
                (self.report.span(match["file"], match["line"]), "included from here")
            )
            return True
        if match := _LATER.match(line):
            self._place(self.report.span(match["file"], match["line"] or match["row"]))
            return True
        if (match := _AT.match(line)) and self._within:
            code = _CODE.match(match["message"])
            severity = self._head[0]
            text = match["message"][code.end() :] if code else match["message"]
            self._head = severity, code["code"] if code else "", text
            self._place(self.report.span(match["file"], match["line"]))
            return True
        return line.startswith(("#    Time:", "   Time:", "#          ", "    Time:"))

    def finish(self) -> None:
        self._flush()

    def _modelsim(self, match: re.Match[str]) -> None:
        text, code = match["text"], ""
        severity = _KINDS.get(match["kind"].lower(), Severity.ERROR)
        self._part, self._within = "modelsim", []
        if found := _CODE.match(text):
            code, text = found["code"], text[found.end() :]
        if found := _WITHIN.match(text):
            span = self.report.span(found["file"], found["line"])
            self._within.append((span, "included from here"))
            self._head = severity, "", "?"
            return
        span = NOWHERE
        if found := _AT.match(text):
            span, text = self.report.span(found["file"], found["line"]), found["message"]
            if inner := _CODE.match(text):
                code, text = inner["code"], text[inner.end() :]
        self._head = severity, code, text
        if span.file:
            self._place(span)

    def _place(self, span: Span) -> None:
        (severity, code, message), self._head = self._head, (Severity.ERROR, "", "")
        if message:
            source = "vcs" if self._part == "vcs" else "modelsim"
            self.add(span, severity, message, source, code)
            for place, why in self._within:
                self.note(place, why)
        self._within = []

    def _flush(self) -> None:
        if self._head[2] not in ("", "?"):
            self._place(NOWHERE)
        self._part, self._head, self._within = "", (Severity.ERROR, "", ""), []

    def _found(
        self, match: re.Match[str], message: str, source: str, place: re.Pattern[str]
    ) -> None:
        span = NOWHERE
        if found := place.search(message):
            span = self.report.span(found["file"], found["line"])
            if place is not _QUARTUS_IN:
                message = message[: found.start()]
        severity = _KINDS.get(match["kind"].lower(), Severity.ERROR)
        self.add(span, severity, message, source, match["code"])

    def _more_vcs(self, line: str) -> bool:
        self._lines += 1
        if self._lines > 12 or not line.strip():
            self._flush()
            return False
        if self._head[2] and (match := _VCS_AT.match(line)):
            self._place(self.report.span(match["file"], match["line"]))
        elif self._head[2]:
            severity, code, message = self._head
            self._head = severity, code, f"{message}\n{line.strip()}"
        else:
            self.lengthen(line.strip())
        return True

    def _verible(self, match: re.Match[str]) -> None:
        last = match["last"]
        message = match["message"]
        rules = re.findall(r" \[([\w-]+)\]", message)
        is_lint = bool(rules) and not message.startswith("syntax error")
        span = self.report.span(
            match["file"],
            match["line"],
            match["column"],
            match["end_line"],
            int(last) + 1 if last and len(last) < 9 else None,
        )
        severity = Severity.WARNING if is_lint else Severity.ERROR
        if is_lint:
            message = message[: message.rindex(" [")]
        self.add(span, severity, message, "verible", rules[-1] if is_lint else "")
