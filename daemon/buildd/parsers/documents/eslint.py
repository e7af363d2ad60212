"""eslint -f json, and what oxlint, textlint and others print in its form."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Severity, Span
from buildd.parsers.documents.base import Reader, has, is_list_of

_FIXES = 10


class Eslint(Reader):
    """Fixes stand at offsets of the file's text, which is told where there are any."""

    def read(self, document: Any) -> bool:
        if has(document, "results", "metadata"):
            document = document["results"]
        if not is_list_of(document, "filePath", "messages"):
            return False
        for file in document:
            for one in file["messages"]:
                self._finding(file["filePath"], file.get("source") or "", one)
        return True

    def _finding(self, file: str, text: str, one: dict[str, Any]) -> None:
        code = one.get("ruleId") or ""
        end = (one.get("loc") or {}).get("end") or {}
        line, column = one.get("line") or 1, one.get("column")
        end_line = one.get("endLine") or end.get("line")
        end_column = one.get("endColumn") or end.get("column")
        if (end_line, end_column) == (line, column):
            end_line = end_column = None
        source = "textlint" if one.get("type") == "lint" else "eslint"
        self.report.add(
            self.report.span(file, line, column, end_line, end_column, ColumnUnit.UTF16),
            {2: Severity.ERROR, 1: Severity.WARNING, 3: Severity.INFORMATION}.get(
                one["severity"], Severity.WARNING
            ),
            one["message"],
            source,
            code,
            href=_href(code) if source == "eslint" else "",
            fixes=self._fixes(file, text, one),
        )

    def _fixes(self, file: str, text: str, one: dict[str, Any]) -> list[Fix]:
        if not text:
            return []
        offered: list[tuple[str, Any, bool]] = []
        if one.get("fix"):
            offered.append(("Fix", one["fix"], True))
        offered += [
            (told.get("desc") or "Apply the suggestion", told.get("fix"), False)
            for told in (one.get("suggestions") or ())[:_FIXES]
        ]
        found = []
        for title, fix, is_preferred in offered:
            start, end = fix["range"]
            if span := self._range(file, text, start, end):
                found.append(
                    Fix(
                        title=title,
                        edits=(Edit(span=span, text=fix["text"]),),
                        preferred=is_preferred,
                    )
                )
        return found

    def _range(self, file: str, text: str, start: int, end: int) -> Span | None:
        """The place between two offsets, which count UTF-16 units."""
        if not text.isascii() and max(text) > "\uffff":
            units = text.encode("utf-16-le", "surrogatepass")
            before = units[: start * 2].decode("utf-16-le", "replace")
            until = units[: end * 2].decode("utf-16-le", "replace")
        else:
            before, until = text[:start], text[:end]
        if start < 0 or end < start or not text.startswith(until):
            return None
        line, column = _counted(before)
        end_line, end_column = _counted(until)
        if start == end:
            return self.report.span(file, line, column, unit=ColumnUnit.CODE_POINT)
        return self.report.span(file, line, column, end_line, end_column, ColumnUnit.CODE_POINT)


def _counted(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _href(code: str) -> str:
    if not code or "/" in code:
        return ""
    return f"https://eslint.org/docs/latest/rules/{code}"
