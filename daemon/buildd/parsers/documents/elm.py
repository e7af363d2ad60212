"""Reads `elm make --report=json` and flow's JSON, whose messages are made of pieces."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import ColumnUnit, Related, Severity, Span
from buildd.parsers.documents.base import Reader, has, severity

_CODE = re.compile(r" \[([A-Za-z]\w+)\]$")


class Elm(Reader):
    """Reads the problems of each module, or one problem of the whole project."""

    def read(self, document: Any) -> bool:
        if has(document, "type", "errors") and document["type"] == "compile-errors":
            for module in document["errors"]:
                for problem in module["problems"]:
                    self._problem(module["path"], problem)
            return True
        if has(document, "type", "title", "message") and document["type"] == "error":
            message = _text(document["message"])
            self.report.add(
                self.report.span(document.get("path"), 1),
                Severity.ERROR,
                message,
                "elm",
                document["title"],
            )
            return True
        return False

    def _problem(self, file: str, problem: dict[str, Any]) -> None:
        start, end = problem["region"]["start"], problem["region"]["end"]
        is_empty = start == end
        span = self.report.span(
            file,
            start["line"],
            start["column"],
            None if is_empty else end["line"],
            None if is_empty else end["column"],
            ColumnUnit.CODE_POINT,
        )
        self.report.add(span, Severity.ERROR, _text(problem["message"]), "elm", problem["title"])


class Flow(Reader):
    """Reads what `flow check --json` writes. Columns count code points; ends are inclusive."""

    def read(self, document: Any) -> bool:
        if not has(document, "flowVersion", "errors", "passed"):
            return False
        for error in document["errors"]:
            if error.get("suppressions"):
                continue
            pieces = error["message"]
            spans = [(self._span(piece), piece.get("descr", "")) for piece in pieces]
            placed = [(span, text) for span, text in spans if span.file]
            # The `extra` messages hold the places that the message refers to by number.
            others = [piece for more in error.get("extra") or () for piece in more["message"]]
            placed += [
                (span, str(piece.get("descr", "")))
                for piece in others
                if (span := self._span(piece)).file
            ]
            # A later piece with a place is what the first one refers to.
            texts = [
                str(piece.get("descr", ""))
                for number, piece in enumerate(pieces)
                if not number or error.get("classic", True) or not piece.get("loc")
            ]
            message = " ".join(texts)
            # Parse errors have the code only in the message.
            codes = error.get("error_codes") or _CODE.findall(message) or ("",)
            self.report.add(
                placed[0][0] if placed else self.report.span("", None),
                severity(error.get("level", "error")),
                message.removesuffix(f" [{codes[0]}]"),
                "flow",
                str(codes[0]),
                related=[
                    Related(span=span, message=text)
                    for span, text in placed[1:]
                    if span != placed[0][0]
                ],
            )
        return True

    def _span(self, piece: dict[str, Any]) -> Span:
        place = piece.get("loc") or {}
        if place.get("type") not in (None, "SourceFile") or not place.get("source"):
            return self.report.span("", None)
        start, end = place["start"], place["end"]
        return self.report.span(
            place["source"],
            start["line"],
            start["column"],
            end["line"] if end["line"] != start["line"] else None,
            end["column"] + 1,
            ColumnUnit.CODE_POINT,
        )


def _text(pieces: Any) -> str:
    """Joins the pieces of a message: texts, and objects with a text and a style."""
    if isinstance(pieces, str):
        return pieces
    return "".join(
        piece if isinstance(piece, str) else str(piece.get("string", "")) for piece in pieces
    )
