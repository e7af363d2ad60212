"""elm make --report=json, and flow's JSON: messages made of pieces."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import ColumnUnit, Related, Severity, Span
from buildd.parsers.documents.base import Reader, has, severity

_CODE = re.compile(r" \[([A-Za-z]\w+)\]$")


class Elm(Reader):
    """Problems of a module each, or one of the project."""

    def read(self, document: Any) -> bool:
        if has(document, "type", "errors") and document["type"] == "compile-errors":
            for module in document["errors"]:
                for one in module["problems"]:
                    self._problem(module["path"], one)
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

    def _problem(self, file: str, one: dict[str, Any]) -> None:
        start, end = one["region"]["start"], one["region"]["end"]
        is_empty = start == end
        span = self.report.span(
            file,
            start["line"],
            start["column"],
            None if is_empty else end["line"],
            None if is_empty else end["column"],
            ColumnUnit.CODE_POINT,
        )
        self.report.add(span, Severity.ERROR, _text(one["message"]), "elm", one["title"])


class Flow(Reader):
    """flow check --json. The ends of its places are inclusive."""

    def read(self, document: Any) -> bool:
        if not has(document, "flowVersion", "errors", "passed"):
            return False
        for one in document["errors"]:
            if one.get("suppressions"):
                continue
            pieces = one["message"]
            spans = [(self._span(piece), piece.get("descr", "")) for piece in pieces]
            placed = [(span, text) for span, text in spans if span.file]
            # Beside the message stand the places that it numbers.
            others = [piece for more in one.get("extra") or () for piece in more["message"]]
            placed += [
                (span, str(piece.get("descr", "")))
                for piece in others
                if (span := self._span(piece)).file
            ]
            # What has a place behind the first is what that refers to.
            told = [
                str(piece.get("descr", ""))
                for number, piece in enumerate(pieces)
                if not number or one.get("classic", True) or not piece.get("loc")
            ]
            message = " ".join(told)
            # Of what cannot be read the message alone has it.
            codes = one.get("error_codes") or _CODE.findall(message) or ("",)
            self.report.add(
                placed[0][0] if placed else self.report.span("", None),
                severity(one.get("level", "error")),
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
    """Texts, and objects of texts that are to look in some way."""
    if isinstance(pieces, str):
        return pieces
    return "".join(one if isinstance(one, str) else str(one.get("string", "")) for one in pieces)
