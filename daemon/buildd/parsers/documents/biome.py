"""Reads what Biome 1 and 2 write with --reporter=json."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.documents.base import Reader, has, severity

_KINDS = {"fatal": Severity.ERROR, "information": Severity.INFORMATION}


class Biome(Reader):
    """Reads the report of one run, an object with all diagnostics.

    Version 2 gives lines and columns, in code points. Version 1 gives byte offsets and the text of
    the file.
    """

    def read(self, document: Any) -> bool:
        if not has(document, "summary", "diagnostics"):
            return False
        found = document["diagnostics"]
        if not isinstance(found, list) or not all(
            has(diagnostic, "category", "location") for diagnostic in found
        ):
            return False
        for diagnostic in found:
            self._finding(diagnostic)
        return True

    def _finding(self, diagnostic: dict[str, Any]) -> None:
        location = diagnostic["location"] or {}
        path = location.get("path") or ""
        file = path.get("file") if isinstance(path, dict) else path
        message = diagnostic.get("message") or diagnostic.get("description") or ""
        if isinstance(message, list):
            message = "".join(str(part.get("content", "")) for part in message)
        code = str(diagnostic["category"] or "")
        _, _, rule = code.rpartition("/")
        self.report.add(
            self._span(str(file or ""), location),
            severity(diagnostic["severity"], Severity.ERROR, _KINDS),
            str(message),
            "biome",
            code,
            href=f"https://biomejs.dev/linter/rules/{_dashed(rule)}"
            if code.startswith("lint/")
            else "",
        )

    def _span(self, file: str, location: dict[str, Any]) -> Span:
        start, end = location.get("start"), location.get("end")
        if isinstance(start, dict):
            end = end or start
            is_empty = start == end
            return self.report.span(
                file,
                start["line"],
                start["column"],
                None if is_empty or end["line"] == start["line"] else end["line"],
                None if is_empty else end["column"],
                ColumnUnit.CODE_POINT,
            )
        span, text = location.get("span"), location.get("sourceCode")
        if not span or not isinstance(text, str):
            return self.report.span(file, 1)
        data = text.encode("utf-8", "surrogatepass")
        line, column = _counted(data, span[0])
        end_line, end_column = _counted(data, span[1])
        return self.report.span(
            file,
            line,
            column,
            end_line if end_line > line else None,
            end_column if span[1] > span[0] else None,
        )


def _counted(data: bytes, offset: int) -> tuple[int, int]:
    """Returns the 1-based line and byte column of an offset."""
    before = data[:offset]
    return before.count(b"\n") + 1, len(before) - before.rfind(b"\n")


def _dashed(rule: str) -> str:
    """Returns the name of a rule as in its address: `noVar` becomes `no-var`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in rule)
