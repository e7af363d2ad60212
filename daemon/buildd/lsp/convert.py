"""Converts diagnostics to LSP's, with positions in the client's encoding, where they are now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from lsprotocol import types
from pygls.uris import from_fs_path

from buildd.base.columns import to_offset
from buildd.diagnostics.positions import CHANGED, FileTexts, TextRange
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.model import Diagnostic, Fix, Severity, Span, Tag

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_TAGS = {
    Tag.UNNECESSARY: types.DiagnosticTag.Unnecessary,
    Tag.DEPRECATED: types.DiagnosticTag.Deprecated,
}


class Converter:
    """Converts for one client, as its files are at one time. It reads files: use it in a thread.

    `encoding` is `utf-8`, `utf-16` or `utf-32`. `snapshots` has the texts that the diagnostics are
    about, `buffers` the texts of the files that the client has open. `related` says whether the
    client shows related information.
    """

    def __init__(
        self,
        encoding: str,
        snapshots: SourceSnapshots,
        buffers: Mapping[str, str],
        *,
        related: bool = True,
    ) -> None:
        self._encoding = encoding
        self._related = related
        self._texts = FileTexts(snapshots, buffers)

    def diagnostics(self, found: Sequence[Diagnostic]) -> list[types.Diagnostic]:
        """Convert the diagnostics of one file.

        Those that two tasks found before and after an edit may be the same now; such a diagnostic
        is there once.
        """
        shown: dict[object, types.Diagnostic] = {}
        for diagnostic in map(self.diagnostic, found):
            key = (diagnostic.severity, diagnostic.source, diagnostic.message)
            shown.setdefault((repr(diagnostic.range), *key), diagnostic)
        return list(shown.values())

    def diagnostic(self, diagnostic: Diagnostic) -> types.Diagnostic:
        """Convert one diagnostic."""
        text_range = self._texts.range_of(diagnostic.span)
        return types.Diagnostic(
            range=self._range(text_range),
            severity=_SEVERITIES[diagnostic.severity],
            code=diagnostic.code or None,
            code_description=types.CodeDescription(href=diagnostic.href)
            if is_link(diagnostic.href)
            else None,
            source=diagnostic.source,
            message="".join(self._message(diagnostic, text_range)),
            tags=[_TAGS[tag] for tag in diagnostic.tags] or None,
            related_information=[
                types.DiagnosticRelatedInformation(
                    location=types.Location(
                        uri=uri(note.span.file),
                        range=self._range(self._texts.range_of(note.span)),
                    ),
                    message=note.message,
                )
                for note in diagnostic.related
            ]
            if self._related and diagnostic.related
            else None,
        )

    def _message(self, diagnostic: Diagnostic, text_range: TextRange) -> Iterator[str]:
        yield diagnostic.message
        if text_range.is_gone:
            yield CHANGED
        for note in diagnostic.related if not self._related else ():
            where = self._texts.range_of(note.span)
            if (note.span.file, where.line) != (diagnostic.span.file, text_range.line):
                yield f"\n{os.path.basename(note.span.file)}:{where.line + 1}: {note.message}"

    def edit(self, fix: Fix) -> types.WorkspaceEdit | None:
        """Convert a fix; None if one of its lines is not as it was built."""
        changes: dict[str, list[types.TextEdit]] = {}
        for edit in fix.edits:
            text_range = self._texts.edit_range(edit.span)
            if text_range.is_gone:
                return None
            changes.setdefault(uri(edit.span.file), []).append(
                types.TextEdit(range=self._range(text_range), new_text=edit.text)
            )
        return types.WorkspaceEdit(changes=changes)

    def range(self, span: Span) -> types.Range:
        """Return where a span is now."""
        return self._range(self._texts.range_of(span))

    def _range(self, text_range: TextRange) -> types.Range:
        return types.Range(
            start=types.Position(
                text_range.line, to_offset(text_range.text, text_range.start, self._encoding)
            ),
            end=types.Position(
                text_range.end_line, to_offset(text_range.end_text, text_range.end, self._encoding)
            ),
        )


def publishable(
    found: Mapping[str, Sequence[Diagnostic]], converter: Converter
) -> list[types.PublishDiagnosticsParams]:
    """Return what to publish for each file. Reads files: call it in a thread."""
    return [
        types.PublishDiagnosticsParams(
            uri=uri(file), diagnostics=converter.diagnostics(diagnostics)
        )
        for file, diagnostics in found.items()
    ]


def shows_related(capabilities: types.ClientCapabilities) -> bool:
    """Return whether the client shows related information."""
    documents = capabilities.text_document
    published = documents.publish_diagnostics if documents else None
    return published is None or bool(published.related_information)


def uri(path: str) -> str:
    """Return the URI of an absolute path."""
    return from_fs_path(path) or ""


def is_link(href: str) -> bool:
    """Return whether an editor may open it: a build's output must lead it to web pages only."""
    return href.startswith(("https://", "http://"))
