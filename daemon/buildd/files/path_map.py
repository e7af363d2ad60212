"""This module translates paths between the host and a container, by the container's mounts.

Whole components are compared, and the longest matching mount wins.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence

import msgspec

from buildd.base.containment import moved
from buildd.model import Diagnostic, Fix, Mount, Related


def to_container(path: str, mounts: Sequence[Mount]) -> str | None:
    """Return where the host's absolute `path` is in the container, or None if it is not there.

    Without mounts the paths are the same, as on the host engine.
    """
    return _translate(path, [(mount.source, mount.target) for mount in mounts])


def to_host(path: str, mounts: Sequence[Mount]) -> str | None:
    """Return where the container's absolute `path` is on the host, or None if it is not there."""
    return _translate(path, [(mount.target, mount.source) for mount in mounts])


def text_to_host(text: str, mounts: Sequence[Mount]) -> str:
    """Replace every absolute path of the container in a text by its path on the host.

    Paths that are not on the host stay as they are.
    """
    pattern = _path_pattern(tuple(mounts))
    if pattern is None:
        return text
    return pattern.sub(lambda match: to_host(match[0], mounts) or match[0], text)


def diagnostic_to_host(
    diagnostic: Diagnostic, mounts: Sequence[Mount], fallback: str
) -> Diagnostic:
    """Return the diagnostic with the host's paths.

    A note in a file that the host does not have becomes a line of the message. If the diagnostic's
    own file is not on the host, its place becomes part of the message, and the diagnostic moves to
    the nearest related place on the host, else to line 1 of the file `fallback`. A diagnostic
    without a file moves there too.
    """
    related: list[Related] = []
    container_notes: list[str] = []
    for note in diagnostic.related:
        path = to_host(note.span.file, mounts)
        text = text_to_host(note.message, mounts)
        if path is None:
            container_notes.append(f"{note.span.file}:{note.span.line}: {text}")
        else:
            span = msgspec.structs.replace(note.span, file=path)
            related.append(msgspec.structs.replace(note, span=span, message=text))
    fixes = [
        on_host for fix in diagnostic.fixes if (on_host := _fix_to_host(fix, mounts)) is not None
    ]
    message = text_to_host(diagnostic.message, mounts)
    span = diagnostic.span
    file = to_host(span.file, mounts)
    if not span.file:
        span = type(span)(file=fallback, line=1)
    elif file is not None:
        span = msgspec.structs.replace(span, file=file)
    else:
        message = f"{span.file}:{span.line}: {message}"
        span = nearest(related).span if related else type(span)(file=fallback, line=1)
    return msgspec.structs.replace(
        diagnostic,
        span=span,
        message="\n".join((message, *container_notes)),
        related=tuple(related),
        fixes=tuple(fixes),
        rendered=text_to_host(diagnostic.rendered, mounts),
    )


def _fix_to_host(fix: Fix, mounts: Sequence[Mount]) -> Fix | None:
    """Return the fix with the host's paths, or None if it edits a file that is not on the host."""
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
    """Return the note at which the user would most probably fix a diagnostic.

    That is where a template is instantiated, else the first note, such as a header's `#include`.
    """
    return next((note for note in notes if note.message.startswith("required from here")), notes[0])


@functools.lru_cache
def _path_pattern(mounts: tuple[Mount, ...]) -> re.Pattern[str] | None:
    """Return a pattern for the container's paths in a text, or None if the host's are the same."""
    if all(mount.source == mount.target for mount in mounts):
        return None
    targets = sorted({mount.target.rstrip("/") for mount in mounts}, key=len, reverse=True)
    # Only whole components match, not the end of a longer path or the start of a longer name.
    before = r"(?:(?<![\w/.~%+$-])|(?<=file://)|(?<=[\s=]-[BIL]))"
    after = r"(?![\w~+-]|\.\w)"
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, filter(None, targets)))}){after}")


def _translate(path: str, pairs: list[tuple[str, str]]) -> str | None:
    if not pairs:
        return path
    if "/.." in path:
        path = os.path.normpath(path)  # a path may leave the mount through `..`
    for source, target in sorted(pairs, key=lambda pair: -len(pair[0])):
        if (found := moved(path, source, target)) is not None:
            return found
    return None
