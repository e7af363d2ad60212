"""Paths between the host's view and the container's: whole components, longest mount first."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence

import msgspec

from buildd.base.containment import moved
from buildd.model import Diagnostic, Fix, Mount, Related


def to_container(path: str, mounts: Sequence[Mount]) -> str | None:
    """Where the host's absolute `path` is seen in the container; None if it is not. Without
    mounts both see the same."""
    return _translate(path, [(mount.source, mount.target) for mount in mounts])


def to_host(path: str, mounts: Sequence[Mount]) -> str | None:
    """Where the container's absolute `path` is on the host; None if it exists only inside."""
    return _translate(path, [(mount.target, mount.source) for mount in mounts])


def text_to_host(text: str, mounts: Sequence[Mount]) -> str:
    """What a tool said, with every absolute path of the container that the host has, too, as it is
    on the host."""
    pattern = _spoken(tuple(mounts))
    if pattern is None:
        return text
    return pattern.sub(lambda match: to_host(match[0], mounts) or match[0], text)


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
        said = text_to_host(note.message, mounts)
        if path is None:
            folded.append(f"{note.span.file}:{note.span.line}: {said}")
        else:
            span = msgspec.structs.replace(note.span, file=path)
            related.append(msgspec.structs.replace(note, span=span, message=said))
    fixes = [fix for one in diagnostic.fixes if (fix := _fix_to_host(one, mounts))]
    message = text_to_host(diagnostic.message, mounts)
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
        rendered=text_to_host(diagnostic.rendered, mounts),
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
    title = text_to_host(fix.title, mounts)
    return msgspec.structs.replace(fix, title=title, edits=tuple(edits))


def nearest(notes: Sequence[Related]) -> Related:
    """Of the places that lead to a finding the one where the user would mend it: what instantiates
    a template, else what includes a header."""
    return next((one for one in notes if one.message.startswith("required from here")), notes[0])


@functools.lru_cache
def _spoken(mounts: tuple[Mount, ...]) -> re.Pattern[str] | None:
    """What a path of the container looks like in a text; None where the host has the same."""
    if all(mount.source == mount.target for mount in mounts):
        return None
    targets = sorted({mount.target.rstrip("/") for mount in mounts}, key=len, reverse=True)
    # Whole components: neither the end of a longer path nor the beginning of a longer name.
    before = r"(?:(?<![\w/.~%+$-])|(?<=file://)|(?<=[\s=]-[BIL]))"
    after = r"(?![\w~+-]|\.\w)"
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, filter(None, targets)))}){after}")


def _translate(path: str, pairs: list[tuple[str, str]]) -> str | None:
    if not pairs:
        return path
    if "/.." in path:
        path = os.path.normpath(path)  # what lies beyond a mount is not in it
    for source, target in sorted(pairs, key=lambda pair: -len(pair[0])):
        if (found := moved(path, source, target)) is not None:
            return found
    return None
