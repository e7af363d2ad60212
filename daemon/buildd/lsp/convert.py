"""Diagnostics of the model as LSP's: positions in the client's encoding, against the text.

A tool's columns are counted in the text on the disk, which is what it read. Where the client has
the file open and has edited it since, lines are then moved to where they are now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsprotocol import types
from pygls.uris import from_fs_path

from buildd.columns import to_offset
from buildd.lsp.shift import Shift
from buildd.model import Diagnostic, Fix, Severity, Span, Tag
from buildd.places import Place, Texts, split_lines

CHANGED = "\n(this line has changed since the build)"

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
    """For one client at one time. `encoding` is `utf-8`, `utf-16` or `utf-32`; `buffers` are the
    texts of the files that it has open. Reads files: use it in a thread."""

    def __init__(self, encoding: str, buffers: Mapping[str, str]) -> None:
        self._encoding = encoding
        self._buffers = buffers
        self._texts = Texts()
        self._shifts: dict[str, Shift | None] = {}

    def diagnostics(self, found: Sequence[Diagnostic]) -> list[types.Diagnostic]:
        """The diagnostics of one file."""
        return [self.diagnostic(one) for one in found]

    def diagnostic(self, one: Diagnostic) -> types.Diagnostic:
        """One diagnostic."""
        place, is_same = self._range(one.span, self._texts.place(one.span))
        return types.Diagnostic(
            range=place,
            severity=_SEVERITIES[one.severity],
            code=one.code or None,
            code_description=types.CodeDescription(href=one.href) if is_link(one.href) else None,
            source=one.source,
            message=one.message if is_same else one.message + CHANGED,
            tags=[_TAGS[tag] for tag in one.tags] or None,
            related_information=[
                types.DiagnosticRelatedInformation(
                    location=types.Location(
                        uri=uri(note.span.file),
                        range=self._range(note.span, self._texts.place(note.span))[0],
                    ),
                    message=note.message,
                )
                for note in one.related
            ]
            or None,
        )

    def edit(self, fix: Fix) -> types.WorkspaceEdit | None:
        """What the fix changes; None where a line of it is not as it was built."""
        changes: dict[str, list[types.TextEdit]] = {}
        for edit in fix.edits:
            place = self._texts.exactly(edit.span)
            if not place.text and not self._texts.lines(edit.span.file):
                return None
            where, is_same = self._range(edit.span, place)
            if not is_same:
                return None
            changes.setdefault(uri(edit.span.file), []).append(
                types.TextEdit(range=where, new_text=edit.text)
            )
        return types.WorkspaceEdit(changes=changes)

    def _range(self, span: Span, place: Place) -> tuple[types.Range, bool]:
        start, end, is_same = place.line, place.end_line, True
        if shift := self._shift(span.file):
            start, is_same = shift.line(place.line)
            end, is_end_same = shift.line(place.end_line)
            is_same = is_same and is_end_same
            if not is_same:
                # A whole line: what stood in it stands elsewhere, or nowhere.
                whole = types.Range(types.Position(start, 0), types.Position(start + 1, 0))
                return whole, False
        return types.Range(
            start=types.Position(start, to_offset(place.text, place.start, self._encoding)),
            end=types.Position(end, to_offset(place.end_text, place.end, self._encoding)),
        ), is_same

    def _shift(self, file: str) -> Shift | None:
        if file not in self._shifts:
            shift = None
            if (buffer := self._buffers.get(file)) is not None:
                built, now = self._texts.lines(file), split_lines(buffer)
                shift = Shift(built, now) if built != now else None
            self._shifts[file] = shift
        return self._shifts[file]


def publishable(
    found: Mapping[str, Sequence[Diagnostic]], encoding: str, buffers: Mapping[str, str]
) -> list[types.PublishDiagnosticsParams]:
    """What to publish for each file, as `Converter` has it. Reads files: call it in a thread."""
    converter = Converter(encoding, buffers)
    return [
        types.PublishDiagnosticsParams(
            uri=uri(file), diagnostics=converter.diagnostics(diagnostics)
        )
        for file, diagnostics in found.items()
    ]


def uri(path: str) -> str:
    """The URI of an absolute path."""
    return from_fs_path(path) or ""


def is_link(href: str) -> bool:
    """Whether an editor may open it: a build's output must not lead it to anything else."""
    return href.startswith(("https://", "http://"))
