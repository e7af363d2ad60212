"""Reads rustc's --error-format=json, and cargo's --message-format=json around it."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Related, Severity, Span, Tag
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import NOWHERE

_LEVELS = {
    "error": Severity.ERROR,
    "error: internal compiler error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.INFORMATION,
    "help": Severity.HINT,
    "failure-note": Severity.INFORMATION,
}
_REASONS = frozenset(
    {
        "compiler-artifact",
        "build-script-executed",
        "build-finished",
        "timing-info",
        "future-incompat",
    }
)
_UNUSED = ("unused_", "dead_code", "unreachable_code")


class Cargo(Reader):
    """Reads one message of the compiler or of cargo, an object on a line of its own.

    Columns count code points. Suggestions become fixes; those that are machine-applicable are
    preferred.
    """

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict):
            return False
        if (reason := document.get("reason")) == "compiler-message":
            self._message(document["message"])
            return True
        if reason in _REASONS:
            return True
        if document.get("$message_type", "diagnostic") != "diagnostic":
            return "$message_type" in document
        if not {"message", "level", "spans", "children"} <= document.keys():
            return False
        self._message(document)
        return True

    def _message(self, message: dict[str, Any]) -> None:
        primary = [span for span in message["spans"] if span["is_primary"]]
        code = (message.get("code") or {}).get("code", "")
        if not primary and not code:
            return  # `aborting due to 2 previous errors`, `3 warnings emitted`
        text = message["message"]
        place = primary[0] if primary else None
        if place and place.get("label"):
            text = f"{text}\n{place['label']}"
        related = [
            Related(span=self._span(span), message=span["label"])
            for span in message["spans"]
            if not span["is_primary"] and span.get("label")
        ]
        fixes = []
        for child in message["children"]:
            related += [
                Related(span=self._span(span), message=child["message"])
                for span in child["spans"]
                if span["is_primary"] and span.get("suggested_replacement") is None
            ]
            if not child["spans"] and child["level"] == "note" and "#[" not in child["message"]:
                text = f"{text}\nnote: {child['message']}"
            if fix := self._fix(child):
                fixes.append(fix)
        self.report.add(
            self._span(place) if place else NOWHERE,
            _LEVELS.get(message["level"], Severity.ERROR),
            text,
            "clippy" if code.startswith("clippy::") else "rustc",
            code,
            href=_href(code),
            tags=(Tag.UNNECESSARY,)
            if code.startswith(_UNUSED)
            else (Tag.DEPRECATED,)
            if code == "deprecated"
            else (),
            related=related,
            fixes=fixes,
            rendered=message.get("rendered") or "",
        )

    def _fix(self, child: dict[str, Any]) -> Fix | None:
        spans = [span for span in child["spans"] if span.get("suggested_replacement") is not None]
        if not spans:
            return None
        is_safe = all(span.get("suggestion_applicability") == "MachineApplicable" for span in spans)
        edits = tuple(
            Edit(span=self._exact(span), text=span["suggested_replacement"]) for span in spans
        )
        return Fix(title=child["message"].capitalize(), edits=edits, preferred=is_safe)

    def _span(self, span: dict[str, Any]) -> Span:
        """Returns the place of a span."""
        # A macro's own code may belong to anyone, so the place is where the macro was called.
        while (expansion := span.get("expansion")) and _is_foreign(span["file_name"]):
            span = expansion["span"]
        return self._exact(span)

    def _exact(self, span: dict[str, Any]) -> Span:
        """Returns the place that a span names, without a look at macros."""
        is_empty = (span["line_start"], span["column_start"]) == (
            span["line_end"],
            span["column_end"],
        )
        return self.report.span(
            span["file_name"],
            span["line_start"],
            span["column_start"],
            None if is_empty else span["line_end"],
            None if is_empty else span["column_end"],
            ColumnUnit.CODE_POINT,
        )


def _is_foreign(file: str) -> bool:
    return file.startswith(("<", "/rustc/")) or "/.cargo/registry/" in file


def _href(code: str) -> str:
    if code.startswith("clippy::"):
        lint = code.removeprefix("clippy::")
        return f"https://rust-lang.github.io/rust-clippy/master/index.html#{lint}"
    if code.startswith("E") and code[1:].isdecimal():
        return f"https://doc.rust-lang.org/error_codes/{code}.html"
    return ""
