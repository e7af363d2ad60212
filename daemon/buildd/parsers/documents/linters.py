"""Reads the JSON of checkers that need more than a `Form`: for fixes, or for their own columns."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Severity, Span
from buildd.parsers.documents.base import Reader, has, is_list_of, severity


class Ruff(Reader):
    """Reads `ruff check` with --output-format json or json-lines. Columns count code points."""

    def read(self, document: Any) -> bool:
        items = document if isinstance(document, list) else [document]
        if not is_list_of(items, "filename", "location", "message", "noqa_row"):
            return False
        for item in items:
            self._finding(item)
        return True

    def _finding(self, item: dict[str, Any]) -> None:
        file, code = item["filename"], item.get("code") or ""
        fixes = []
        if fix := item.get("fix"):
            edits = tuple(
                Edit(span=self._span(file, edit), text=edit["content"]) for edit in fix["edits"]
            )
            is_safe = fix.get("applicability") == "safe"
            fixes.append(Fix(title=fix.get("message") or "Fix", edits=edits, preferred=is_safe))
        is_error = not code or code[:1] in "EF" or item.get("severity") == "error"
        self.report.add(
            self._span(file, item),
            Severity.ERROR if is_error else Severity.WARNING,
            item["message"],
            "ruff",
            code,
            href=item.get("url") or "",
            fixes=fixes,
        )

    def _span(self, file: str, item: dict[str, Any]) -> Span:
        start, end = item["location"], item["end_location"]
        is_empty = start == end
        return self.report.span(
            file,
            start["row"],
            start["column"],
            None if is_empty else end["row"],
            None if is_empty else end["column"],
            ColumnUnit.CODE_POINT,
        )


class Mypy(Reader):
    """Reads `mypy --output json`, one object per line. Columns count code points from 0."""

    def read(self, document: Any) -> bool:
        if not has(document, "file", "line", "column", "message", "hint", "severity"):
            return False
        code = document.get("code") or ""
        column = document["column"]
        span = self.report.span(
            document["file"],
            document["line"],
            column + 1 if column >= 0 else None,
            unit=ColumnUnit.CODE_POINT,
        )
        message = "\n".join(filter(None, (document["message"], document["hint"])))
        self.report.add(
            span,
            severity(document["severity"]),
            message,
            "mypy",
            code,
            href=f"https://mypy.readthedocs.io/en/stable/_refs.html#code-{code}" if code else "",
        )
        return True


class Pyright(Reader):
    """Reads `pyright --outputjson`. Lines and columns count from 0, in UTF-16 units."""

    def read(self, document: Any) -> bool:
        if not has(document, "generalDiagnostics", "summary"):
            return False
        for item in document["generalDiagnostics"]:
            place = item.get("range")
            span = self.report.span(item["file"], 1)
            if place:
                span = self.report.span(
                    item["file"],
                    place["start"]["line"] + 1,
                    place["start"]["character"] + 1,
                    place["end"]["line"] + 1,
                    place["end"]["character"] + 1,
                    ColumnUnit.UTF16,
                )
            self.report.add(
                span, severity(item["severity"]), item["message"], "pyright", item.get("rule", "")
            )
        return True


class Pylint(Reader):
    """Reads `pylint -f json` and json2. Columns count from 0."""

    def read(self, document: Any) -> bool:
        if has(document, "messages", "statistics"):
            items = document["messages"]
        elif is_list_of(document, "path", "symbol", "message-id"):
            items = document
        else:
            return False
        kinds = {"convention": Severity.INFORMATION, "refactor": Severity.INFORMATION}
        for item in items:
            column, end = item.get("column"), item.get("endColumn")
            self.report.add(
                self.report.span(
                    item["path"],
                    item["line"],
                    column + 1 if column is not None else None,
                    item.get("endLine"),
                    end + 1 if end is not None else None,
                ),
                kinds.get(item["type"]) or severity(item["type"]),
                item["message"],
                "pylint",
                item["symbol"],
            )
        return True


class Shellcheck(Reader):
    """Reads shellcheck's -f json and json1, and hadolint's -f json.

    In json a tab counts as eight columns, in json1 as one.
    """

    def read(self, document: Any) -> bool:
        if isinstance(document, dict) and document.keys() == {"comments"}:
            items, tab = document["comments"], 1
        else:
            items, tab = document, 8
        if not is_list_of(items, "file", "line", "column", "level", "code", "message"):
            return False
        for item in items:
            self._finding(item, tab)
        return True

    def _finding(self, item: dict[str, Any], tab: int) -> None:
        code = str(item["code"])
        is_shellcheck = isinstance(item["code"], int)
        source = "shellcheck" if is_shellcheck else "hadolint"
        if is_shellcheck:
            code = f"SC{code}"
        repository = source if code.startswith("SC") else "hadolint"
        fixes = []
        if fix := item.get("fix"):
            edits = tuple(
                Edit(span=self._span(item["file"], edit, tab, exact=True), text=edit["replacement"])
                for edit in fix["replacements"]
            )
            fixes.append(Fix(title="Apply shellcheck's fix", edits=edits, preferred=True))
        self.report.add(
            self._span(item["file"], item, tab, exact=False),
            severity(item["level"]),
            item["message"],
            source,
            code,
            href=f"https://www.shellcheck.net/wiki/{code}"
            if code.startswith("SC")
            else f"https://github.com/{repository}/hadolint/wiki/{code}",
            fixes=fixes,
        )

    def _span(self, file: str, item: dict[str, Any], tab: int, *, exact: bool) -> Span:
        end_line, end = item.get("endLine"), item.get("endColumn")
        if (end_line, end) == (item["line"], item["column"]) or (not exact and end is None):
            end_line = end = None
        unit = ColumnUnit.DISPLAY if tab == 8 and end is not None else ColumnUnit.CODE_POINT
        return self.report.span(file, item["line"], item["column"], end_line, end, unit)


class Ghc(Reader):
    """Reads `ghc -fdiagnostics-as-json`, one object per line. Columns count code points."""

    def read(self, document: Any) -> bool:
        if not has(document, "ghcVersion", "message"):
            return False
        place, code = document.get("span"), document.get("code")
        reason = document.get("reason") or {}
        flags = reason.get("flags") or reason.get("category") or ()
        span = self.report.span("", None)
        if place:
            span = self.report.span(
                place["file"],
                place["start"]["line"],
                place["start"]["column"],
                place["end"]["line"],
                place["end"]["column"],
                ColumnUnit.CODE_POINT,
            )
        number = f"GHC-{code:05}" if isinstance(code, int) else ""
        hints = document.get("hints") or ()
        self.report.add(
            span,
            severity(document["severity"]),
            "\n".join((*document["message"], *hints)),
            "ghc",
            f"-W{flags[0]}" if flags and isinstance(flags, list) else number,
            href=f"https://errors.haskell.org/messages/{number}" if number else "",
        )
        return True
