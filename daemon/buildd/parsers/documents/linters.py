"""Checkers whose JSON says more than rows do: fixes, or places counted in their own way."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Severity, Span
from buildd.parsers.documents.base import Reader, has, is_list_of, severity


class Ruff(Reader):
    """ruff check --output-format json or json-lines."""

    def read(self, document: Any) -> bool:
        found = document if isinstance(document, list) else [document]
        if not is_list_of(found, "filename", "location", "message", "noqa_row"):
            return False
        for one in found:
            self._finding(one)
        return True

    def _finding(self, one: dict[str, Any]) -> None:
        file, code = one["filename"], one.get("code") or ""
        fixes = []
        if fix := one.get("fix"):
            edits = tuple(
                Edit(span=self._span(file, edit), text=edit["content"]) for edit in fix["edits"]
            )
            sure = fix.get("applicability") == "safe"
            fixes.append(Fix(title=fix.get("message") or "Fix", edits=edits, preferred=sure))
        is_error = not code or code[:1] in "EF" or one.get("severity") == "error"
        self.report.add(
            self._span(file, one),
            Severity.ERROR if is_error else Severity.WARNING,
            one["message"],
            "ruff",
            code,
            href=one.get("url") or "",
            fixes=fixes,
        )

    def _span(self, file: str, one: dict[str, Any]) -> Span:
        start, end = one["location"], one["end_location"]
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
    """mypy --output json: a line each, columns from 0."""

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
    """pyright --outputjson: lines and columns from 0."""

    def read(self, document: Any) -> bool:
        if not has(document, "generalDiagnostics", "summary"):
            return False
        for one in document["generalDiagnostics"]:
            place = one.get("range")
            span = self.report.span(one["file"], 1)
            if place:
                span = self.report.span(
                    one["file"],
                    place["start"]["line"] + 1,
                    place["start"]["character"] + 1,
                    place["end"]["line"] + 1,
                    place["end"]["character"] + 1,
                    ColumnUnit.UTF16,
                )
            self.report.add(
                span, severity(one["severity"]), one["message"], "pyright", one.get("rule", "")
            )
        return True


class Pylint(Reader):
    """pylint -f json and json2: columns from 0."""

    def read(self, document: Any) -> bool:
        if has(document, "messages", "statistics"):
            found = document["messages"]
        elif is_list_of(document, "path", "symbol", "message-id"):
            found = document
        else:
            return False
        kinds = {"convention": Severity.INFORMATION, "refactor": Severity.INFORMATION}
        for one in found:
            column, end = one.get("column"), one.get("endColumn")
            self.report.add(
                self.report.span(
                    one["path"],
                    one["line"],
                    column + 1 if column is not None else None,
                    one.get("endLine"),
                    end + 1 if end is not None else None,
                ),
                kinds.get(one["type"]) or severity(one["type"]),
                one["message"],
                "pylint",
                one["symbol"],
            )
        return True


class Shellcheck(Reader):
    """shellcheck -f json and json1, and hadolint -f json. Columns count a tab as 8 in json."""

    def read(self, document: Any) -> bool:
        if isinstance(document, dict) and document.keys() == {"comments"}:
            found, tab = document["comments"], 1
        else:
            found, tab = document, 8
        if not is_list_of(found, "file", "line", "column", "level", "code", "message"):
            return False
        for one in found:
            self._finding(one, tab)
        return True

    def _finding(self, one: dict[str, Any], tab: int) -> None:
        code = str(one["code"])
        is_shellcheck = isinstance(one["code"], int)
        source = "shellcheck" if is_shellcheck else "hadolint"
        if is_shellcheck:
            code = f"SC{code}"
        repository = source if code.startswith("SC") else "hadolint"
        fixes = []
        if fix := one.get("fix"):
            edits = tuple(
                Edit(span=self._span(one["file"], edit, tab, exact=True), text=edit["replacement"])
                for edit in fix["replacements"]
            )
            fixes.append(Fix(title="Apply shellcheck's fix", edits=edits, preferred=True))
        self.report.add(
            self._span(one["file"], one, tab, exact=False),
            severity(one["level"]),
            one["message"],
            source,
            code,
            href=f"https://www.shellcheck.net/wiki/{code}"
            if code.startswith("SC")
            else f"https://github.com/{repository}/hadolint/wiki/{code}",
            fixes=fixes,
        )

    def _span(self, file: str, one: dict[str, Any], tab: int, *, exact: bool) -> Span:
        end_line, end = one.get("endLine"), one.get("endColumn")
        if (end_line, end) == (one["line"], one["column"]) or (not exact and end is None):
            end_line = end = None
        unit = ColumnUnit.DISPLAY if tab == 8 and end is not None else ColumnUnit.CODE_POINT
        return self.report.span(file, one["line"], one["column"], end_line, end, unit)


class Ghc(Reader):
    """ghc -fdiagnostics-as-json: a line each."""

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
