"""Reads what valgrind writes with --xml=yes."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import Related, Severity, Span
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import NOWHERE
from buildd.parsers.shared.native_frames import is_own

_VOLATILE = re.compile(r" in loss record [\d,]+ of [\d,]+| at 0x[0-9A-Fa-f]+| by thread #?\d+")
_LEAK = re.compile(r"Leak_(?P<kind>[A-Z][a-z]+)(?P<how>[A-Z][a-z]+)?")


class ValgrindXml(Reader):
    """Reads the errors of one run.

    The place of an error is the innermost frame of its first stack in the project's own code.
    """

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "valgrindoutput":
            return False
        for error in document.findall("error"):
            self._error(error)
        return True

    def _error(self, error: Element) -> None:
        text = error.findtext("what") or error.findtext("xwhat/text") or ""
        kind = error.findtext("kind") or ""
        related: list[Related] = []
        span, title = NOWHERE, ""
        for element in error:
            if element.tag in ("auxwhat", "xauxwhat"):
                title = _VOLATILE.sub("", element.findtext("text") or element.text or "").strip()
            elif element.tag == "stack":
                frames = self._frames(element)
                if not span.file and not title and frames:
                    (span, _), *frames = frames
                    related += [
                        Related(span=place, message=f"in {function}") for place, function in frames
                    ]
                elif title and frames:
                    place, function = frames[0]
                    related.append(Related(span=place, message=title or f"in {function}"))
        severity = Severity.ERROR
        if leak := _LEAK.match(kind):
            is_reachable = leak["how"] == "Reachable"
            severity = Severity.INFORMATION if is_reachable else Severity.WARNING
        self.report.add(
            span,
            severity,
            _VOLATILE.sub("", text) or kind,
            "valgrind",
            " ".join(filter(None, leak.groups())).lower() if leak else kind,
            related=related,
        )

    def _frames(self, stack: Element) -> list[tuple[Span, str]]:
        found = []
        for frame in stack.findall("frame"):
            function, file = frame.findtext("fn") or "", frame.findtext("file") or ""
            directory, line = frame.findtext("dir") or "", frame.findtext("line")
            path = f"{directory}/{file}" if directory and not file.startswith("/") else file
            if file and line and is_own(function, file) and is_own(function, path):
                found.append((self.report.span(path, line), function))
        return found
