"""Diagnostics of the model as LSP's: positions in the client's encoding, where they are now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from lsprotocol import types
from pygls.uris import from_fs_path

from buildd.base.columns import to_offset
from buildd.base.safe_open import may_be_opened
from buildd.diagnostics.positions import CHANGED, FileTexts, TextRange
from buildd.diagnostics.source_snapshots import FILE_LIMIT, SourceSnapshots
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
    """For one client at one time. `encoding` is `utf-8`, `utf-16` or `utf-32`; `built` has the
    texts that the findings are of, `buffers` those of the files that the client has open; `related`
    says whether it shows related information. Reads files: use it in a thread."""

    def __init__(
        self,
        encoding: str,
        built: SourceSnapshots,
        buffers: Mapping[str, str],
        *,
        related: bool = True,
    ) -> None:
        self._encoding = encoding
        self._related = related
        self._texts = FileTexts(built, buffers)

    def diagnostics(self, found: Sequence[Diagnostic]) -> list[types.Diagnostic]:
        """The diagnostics of one file. What two tasks found before and after an edit may be the
        same now."""
        shown: dict[object, types.Diagnostic] = {}
        for one in found:
            each = self.diagnostic(one)
            shown.setdefault((repr(each.range), each.severity, each.source, each.message), each)
        return list(shown.values())

    def diagnostic(self, one: Diagnostic) -> types.Diagnostic:
        """One diagnostic."""
        place = self._texts.place(one.span)
        return types.Diagnostic(
            range=self._range(place),
            severity=_SEVERITIES[one.severity],
            code=one.code or None,
            code_description=types.CodeDescription(href=one.href) if is_link(one.href) else None,
            source=one.source,
            message="".join(self._message(one, place)),
            tags=[_TAGS[tag] for tag in one.tags] or None,
            related_information=[
                types.DiagnosticRelatedInformation(
                    location=types.Location(
                        uri=uri(note.span.file),
                        range=self._range(self._texts.place(note.span)),
                    ),
                    message=note.message,
                )
                for note in one.related
            ]
            if self._related and one.related
            else None,
        )

    def _message(self, one: Diagnostic, place: TextRange) -> Iterator[str]:
        yield one.message
        if place.is_gone:
            yield CHANGED
        for note in one.related if not self._related else ():
            where = self._texts.place(note.span)
            if (note.span.file, where.line) != (one.span.file, place.line):
                yield f"\n{os.path.basename(note.span.file)}:{where.line + 1}: {note.message}"

    def edit(self, fix: Fix) -> types.WorkspaceEdit | None:
        """What the fix changes; None where a line of it is not as it was built."""
        changes: dict[str, list[types.TextEdit]] = {}
        for edit in fix.edits:
            place = self._texts.exactly(edit.span)
            if place.is_gone:
                return None
            changes.setdefault(uri(edit.span.file), []).append(
                types.TextEdit(range=self._range(place), new_text=edit.text)
            )
        return types.WorkspaceEdit(changes=changes)

    def range(self, span: Span) -> types.Range:
        """Where a span is now."""
        return self._range(self._texts.place(span))

    def _range(self, place: TextRange) -> types.Range:
        return types.Range(
            start=types.Position(place.line, to_offset(place.text, place.start, self._encoding)),
            end=types.Position(
                place.end_line, to_offset(place.end_text, place.end, self._encoding)
            ),
        )


def publishable(
    found: Mapping[str, Sequence[Diagnostic]], converter: Converter
) -> list[types.PublishDiagnosticsParams]:
    """What to publish for each file. Reads files: call it in a thread.

    Nothing is published for what has become a named pipe or the like: Neovim opens each file for
    which something is, if only that there is nothing.
    """
    return [
        types.PublishDiagnosticsParams(
            uri=uri(file), diagnostics=converter.diagnostics(diagnostics)
        )
        for file, diagnostics in found.items()
        if may_be_opened(file, FILE_LIMIT)
    ]


def shows_related(capabilities: types.ClientCapabilities) -> bool:
    """Whether the client shows related information."""
    documents = capabilities.text_document
    published = documents.publish_diagnostics if documents else None
    return published is None or bool(published.related_information)


def uri(path: str) -> str:
    """The URI of an absolute path."""
    return from_fs_path(path) or ""


def is_link(href: str) -> bool:
    """Whether an editor may open it: a build's output must not lead it to anything else."""
    return href.startswith(("https://", "http://"))
