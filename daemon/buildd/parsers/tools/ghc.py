"""Reads GHC, also as cabal and stack run it, and hlint."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser, path
from buildd.parsers.report import ParseResult

_PREFIX = re.compile(r"[\w.-]+ *> (?=\S)|[\w.-]+ *>(?: |$)(?= )")
"""What stack prints before each line if it builds several packages."""
_HEAD = re.compile(
    path("hs", "lhs", "hsc", "hs-boot", "hsig", "x", "y", "chs")
    + r":(?:(?P<line>\d+):(?P<column>\d+)(?:-(?P<end_column>\d+))?"
    r"|\((?P<line2>\d+),(?P<column2>\d+)\)-\((?P<end_line>\d+),(?P<end_column2>\d+)\)): ?"
    r"(?:(?P<kind>error|warning|Error|Warning|Suggestion|Ignore): ?(?P<rest>.*)|(?P<old>)|"
    r"(?P<said>(?:Not in scope|[Pp]arse error|[Ll]exical error|Couldn't match|No instance for|"
    r"Could not find module|Ambiguous )[^\n]*))$"
)
_CODES = re.compile(r"(?P<codes>(?:\[[^\]\n]*\](?:, | )?)+)(?P<rest>.*)$")
_ONE_CODE = re.compile(r"GHC-\d+|-[Wf][\w-]+")
_EXCERPT = re.compile(r" *(?:(?P<number>\d+) )?\|(?: (?P<text>.*))?$")
_ALSO = re.compile(
    r".*?(?:at|defined at|imported from|bound at|in|declared at)[: ]+\(?"
    + path("hs", "lhs")
    + r":(?P<line>\d+):(?P<column>\d+)(?:-(?P<end_column>\d+))?\)?[,.]?$"
)
_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "Error": Severity.ERROR,
    "Warning": Severity.WARNING,
    "Suggestion": Severity.INFORMATION,
    "Ignore": Severity.HINT,
}


class Ghc(Parser):
    """Reads a first line, the message indented below it, and an excerpt.

    Columns count characters, whatever their width; a tab leads to the next stop.
    """

    TOOLS = "GHC, cabal, stack, hlint"
    HINTS = (".hs:", ".lhs:", ".hsc:", ".hs-boot:", ".hsig:", ".x:", ".y:", ".chs:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""
        """What is being read: `message`, `excerpt`, or `hlint`, which has a layout of its own."""
        self._is_prefixed = False
        self._is_new = False
        self._hint: re.Match[str] | None = None
        self._proposal: list[str] = []

    def begin(self, line: str) -> bool:
        prefix = _PREFIX.match(line)
        if prefix:
            line = line[prefix.end() :]
        self._is_prefixed = prefix is not None
        match = _HEAD.match(line)
        if not match:
            return False
        kind = match["kind"]
        if match["said"]:
            # GHC 7 printed short errors on one line.
            self.at = self.report.add(self._place(match), Severity.ERROR, match["said"], "ghc")
            self._state, self._is_new = "message", self.at is not None
            return True
        if kind is None:
            # GHC before 8 did not mark errors as such; only the indented lines below tell.
            self.at, self._state = None, "old"
            self._span = self._place(match)
            return True
        self._found(match, kind)
        return True

    def more(self, line: str) -> bool | None:
        if self._is_prefixed and (prefix := _PREFIX.match(line)):
            line = line[prefix.end() :]
        if self._state == "hlint":
            return self._hlint(line)
        if self._state == "old":
            if not line.startswith("    "):
                return False
            severity = Severity.WARNING if line.startswith("    Warning:") else Severity.ERROR
            self.add(self._span, severity, line.strip().removeprefix("Warning: "), "ghc")
            self._state, self._is_new = "message", self.at is not None
            return True
        if match := _EXCERPT.match(line):
            self._excerpt(match)
            return True
        if self._state == "message" and line.startswith((" ", "\t", "• ")):
            if self._is_new and line.strip():
                self.lengthen(line.strip().removeprefix("• "))
                if match := _ALSO.match(line):
                    self.note(self._place(match), line.strip(" •"))
            return True
        return False

    def _found(self, match: re.Match[str], kind: str) -> None:
        rest, code, href = match["rest"], "", ""
        if found := _CODES.match(rest):
            codes = _ONE_CODE.findall(found["codes"])
            if codes:
                rest = found["rest"]
                code = next((name for name in codes if name.startswith("-W")), codes[0])
                number = next((name for name in codes if name.startswith("GHC-")), "")
                if number:
                    href = f"https://errors.haskell.org/messages/{number}/"
        # GHC 7 capitalised its warnings, too, but put the message on the lines below.
        is_hlint = kind[0].isupper() and bool(rest) and f": {kind}: " in match[0]
        source = "hlint" if is_hlint else "ghc"
        self.at = self.report.add(
            self._place(match), _SEVERITIES[kind], rest or " ", source, code, href=href
        )
        self._is_new = self.at is not None
        self._state = "hlint" if is_hlint else "message"
        self._hint, self._proposal = match, []

    def _hlint(self, line: str) -> bool:
        """Reads `Found:`, code, `Perhaps:` or `Why not:`, and code, up to an empty line."""
        if not line.strip() or _HEAD.match(line):
            self._end_hint()
            return False
        if not self._proposal and not line.startswith(("Found", "Perhaps", "Why not", "Note: ")):
            self._state = "message"
            if self.at is not None:
                self.report.amend(self.at, source="ghc")
            return self.more(line) is True
        self._proposal.append(line.rstrip())
        if self._is_new:
            self.lengthen(line.rstrip())
        return True

    def _end_hint(self) -> None:
        """Adds a hint again if it proposes something else at the same place."""
        self._state = ""
        hint, proposal = self._hint, self._proposal
        if hint and proposal and not self._is_new:
            message = "\n".join([hint["rest"], *proposal])
            self.add(self._place(hint), _SEVERITIES[hint["kind"]], message, "hlint")

    def finish(self) -> None:
        if self._state == "hlint":
            self._end_hint()

    def _excerpt(self, match: re.Match[str]) -> None:
        self._state = "excerpt"
        text = match["text"] or ""
        if self.at is None or not self._is_new:
            return
        diagnostic = self.report.diagnostics[self.at]
        span = diagnostic.span
        if match["number"]:
            before = text[: (span.column or 1) - 1]
            if any(unicodedata.east_asian_width(letter) in "WF" for letter in before):
                self.report.amend(
                    self.at, span=msgspec.structs.replace(span, unit=ColumnUnit.CODE_POINT)
                )
        elif "^" in text and span.column and not span.end_column and "..." not in text:
            start = text.index("^")
            count = len(text[start:].rstrip()) if set(text.strip()) == {"^"} else 0
            if count and start == span.column - 1:
                end = span.column + count
                self.report.amend(self.at, span=msgspec.structs.replace(span, end_column=end))

    def _place(self, match: re.Match[str]) -> Span:
        group = match.groupdict()
        # Both end columns are inclusive.
        last = group.get("end_column") or group.get("end_column2")
        return self.report.span(
            match["file"],
            match["line"] or group.get("line2"),
            match["column"] or group.get("column2"),
            group.get("end_line"),
            int(last) + 1 if last and len(last) < 8 else None,
            ColumnUnit.DISPLAY,
        )
