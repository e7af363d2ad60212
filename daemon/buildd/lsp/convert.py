"""Diagnostics of the model as LSP's: positions in the client's encoding, against the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsprotocol import types
from pygls.uris import from_fs_path

from buildd.columns import to_offset
from buildd.model import Diagnostic, Severity, Span
from buildd.places import Place, Texts

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}


def publishable(
    found: Mapping[str, Sequence[Diagnostic]], encoding: str
) -> list[types.PublishDiagnosticsParams]:
    """What to publish for each file; `encoding` is `utf-8`, `utf-16` or `utf-32`. Reads the files:
    call it in a thread."""
    texts = Texts()
    return [
        types.PublishDiagnosticsParams(
            uri=uri(file), diagnostics=[_diagnostic(one, texts, encoding) for one in diagnostics]
        )
        for file, diagnostics in found.items()
    ]


def uri(path: str) -> str:
    """The URI of an absolute path."""
    return from_fs_path(path) or ""


def _diagnostic(one: Diagnostic, texts: Texts, encoding: str) -> types.Diagnostic:
    return types.Diagnostic(
        range=_range(one.span, texts, encoding),
        severity=_SEVERITIES[one.severity],
        code=one.code or None,
        source=one.source,
        message=one.message,
        related_information=[
            types.DiagnosticRelatedInformation(
                location=types.Location(
                    uri=uri(note.span.file), range=_range(note.span, texts, encoding)
                ),
                message=note.message,
            )
            for note in one.related
        ]
        or None,
    )


def _range(span: Span, texts: Texts, encoding: str) -> types.Range:
    place: Place = texts.place(span)
    return types.Range(
        start=types.Position(place.line, to_offset(place.text, place.start, encoding)),
        end=types.Position(place.end_line, to_offset(place.end_text, place.end, encoding)),
    )
