"""Paths between the host's view and the container's: whole components, longest mount first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from buildd.model import Diagnostic, Fix, Mount, Related


def to_container(path: str, mounts: Sequence[Mount]) -> str | None:
    """Where the host's absolute `path` is seen in the container; None if it is not. Without
    mounts both see the same."""
    return _translate(path, [(mount.source, mount.target) for mount in mounts])


def to_host(path: str, mounts: Sequence[Mount]) -> str | None:
    """Where the container's absolute `path` is on the host; None if it exists only inside."""
    return _translate(path, [(mount.target, mount.source) for mount in mounts])


def diagnostic_to_host(
    diagnostic: Diagnostic, mounts: Sequence[Mount], otherwise: str
) -> Diagnostic:
    """The diagnostic in the host's paths. Notes that only the container can show are folded into
    the message, and so is the place itself: then the nearest related place on the host stands for
    it, or line 1 of `otherwise`, as for what names no place."""
    related: list[Related] = []
    folded: list[str] = []
    for note in diagnostic.related:
        path = to_host(note.span.file, mounts)
        if path is None:
            folded.append(f"{note.span.file}:{note.span.line}: {note.message}")
        else:
            span = msgspec.structs.replace(note.span, file=path)
            related.append(msgspec.structs.replace(note, span=span))
    fixes = [fix for one in diagnostic.fixes if (fix := _fix_to_host(one, mounts))]
    message = diagnostic.message
    span = diagnostic.span
    file = to_host(span.file, mounts)
    if not span.file:
        span = type(span)(file=otherwise, line=1)
    elif file is not None:
        span = msgspec.structs.replace(span, file=file)
    else:
        message = f"{span.file}:{span.line}: {message}"
        span = nearest(related).span if related else type(span)(file=otherwise, line=1)
    return msgspec.structs.replace(
        diagnostic,
        span=span,
        message="\n".join((message, *folded)),
        related=tuple(related),
        fixes=tuple(fixes),
    )


def _fix_to_host(fix: Fix, mounts: Sequence[Mount]) -> Fix | None:
    """The fix in the host's paths; None if it changes what only the container has."""
    edits = []
    for edit in fix.edits:
        file = to_host(edit.span.file, mounts)
        if file is None:
            return None
        span = msgspec.structs.replace(edit.span, file=file)
        edits.append(msgspec.structs.replace(edit, span=span))
    return msgspec.structs.replace(fix, edits=tuple(edits))


def nearest(notes: Sequence[Related]) -> Related:
    """Of the places that lead to a finding the one where the user would mend it: what instantiates
    a template, else what includes a header."""
    return next((one for one in notes if one.message.startswith("required from here")), notes[0])


def _translate(path: str, pairs: list[tuple[str, str]]) -> str | None:
    if not pairs:
        return path
    for source, target in sorted(pairs, key=lambda pair: -len(pair[0])):
        root = source.rstrip("/")
        if path in (source, root):
            return target
        if path.startswith(root + "/"):
            return target.rstrip("/") + path[len(root) :]
    return None
