"""Reads eslint's -f json, which oxlint, textlint and others write too."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Severity, Span
from buildd.parsers.documents.base import Reader, has, is_list_of

_FIXES = 10
"""The most suggestions of one diagnostic that are read."""


class Eslint(Reader):
    """Reads a list of files with their messages.

    Columns count UTF-16 units. Fixes give offsets in the file's text, which is part of the document
    if there are fixes.
    """

    def read(self, document: Any) -> bool:
        if has(document, "results", "metadata"):
            document = document["results"]
        if not is_list_of(document, "filePath", "messages"):
            return False
        for file in document:
            for message in file["messages"]:
                self._finding(file["filePath"], file.get("source") or "", message)
        return True

    def _finding(self, file: str, text: str, message: dict[str, Any]) -> None:
        code = message.get("ruleId") or ""
        end = (message.get("loc") or {}).get("end") or {}
        line, column = message.get("line") or 1, message.get("column")
        end_line = message.get("endLine") or end.get("line")
        end_column = message.get("endColumn") or end.get("column")
        if (end_line, end_column) == (line, column):
            end_line = end_column = None
        source = "textlint" if message.get("type") == "lint" else "eslint"
        self.report.add(
            self.report.span(file, line, column, end_line, end_column, ColumnUnit.UTF16),
            {2: Severity.ERROR, 1: Severity.WARNING, 3: Severity.INFORMATION}.get(
                message["severity"], Severity.WARNING
            ),
            message["message"],
            source,
            code,
            href=_href(code) if source == "eslint" else "",
            fixes=self._fixes(file, text, message),
        )

    def _fixes(self, file: str, text: str, message: dict[str, Any]) -> list[Fix]:
        if not text:
            return []
        offered: list[tuple[str, Any, bool]] = []
        if message.get("fix"):
            offered.append(("Fix", message["fix"], True))
        offered += [
            (suggestion.get("desc") or "Apply the suggestion", suggestion.get("fix"), False)
            for suggestion in (message.get("suggestions") or ())[:_FIXES]
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
        """Returns the place between two offsets, which count UTF-16 units."""
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
    """Returns the 1-based line and column, in code points, at the end of the text."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _href(code: str) -> str:
    if not code or "/" in code:
        return ""
    return f"https://eslint.org/docs/latest/rules/{code}"
