"""What an editor can do about a diagnostic: apply the tool's fix, open its documentation, hover."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from buildd.base.containment import is_below
from buildd.config.trust import consent
from buildd.diagnostics.findings import UNTRUSTED
from buildd.errors import BuilddError
from buildd.lsp.consent import title
from buildd.lsp.convert import Converter, is_link
from buildd.model import Diagnostic
from buildd.projects.project import LiveProject
from buildd.runs.explain import explaining

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

OPEN_DOCUMENTATION = "buildd.openDocumentation"
EXPLAIN = "buildd.explain"
CONSENT = "buildd.trust"


def register_actions(client: LspClient) -> None:
    """Make code actions and hovers known to the client's server."""

    @client.server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = await _found(client, params.text_document.uri)
        if found is None or not _wants_fixes(params.context):
            return []
        project, diagnostics = found
        return await asyncio.to_thread(
            lambda: list(_actions(client, project, diagnostics, params.range))
        )

    @client.server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        found = await _found(client, params.text_document.uri)
        if found is None:
            return None
        converter, kind, at = client.converter(), _hover_kind(client), params.position
        return await asyncio.to_thread(_hover, converter, kind, found[1], at)


async def _found(client: LspClient, uri: str) -> tuple[LiveProject, Sequence[Diagnostic]] | None:
    """The file's project and what shows in it; None if nothing does."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    if not path:
        return None
    try:
        project = await client.opened.project_of(path)
    except BuilddError:
        return None
    diagnostics = project.results.findings.of_file(path)
    return (project, diagnostics) if diagnostics else None


def _wants_fixes(context: types.CodeActionContext) -> bool:
    quickfix = types.CodeActionKind.QuickFix
    return context.only is None or any(quickfix.startswith(kind) for kind in context.only)


def _actions(
    client: LspClient,
    project: LiveProject,
    diagnostics: Sequence[Diagnostic],
    wanted: types.Range,
) -> Iterator[types.CodeAction]:
    converter = client.converter()
    for one in diagnostics:
        shown = converter.diagnostic(one)
        if not _touches(shown.range, wanted):
            continue
        for fix in one.fixes:
            if not all(
                edit.span.built and _may_edit(edit.span.file, project) for edit in fix.edits
            ):
                continue
            if edit := converter.edit(fix):
                yield types.CodeAction(
                    title=fix.title,
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[shown],
                    edit=edit,
                    is_preferred=fix.preferred or None,
                )
        if one.code == UNTRUSTED and one.source == "buildd":
            yield types.CodeAction(
                title=(wording := _wording(project)),
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown],
                command=types.Command(wording, CONSENT, arguments=_consent(client, project)),
            )
        if client.server.client_capabilities.window is None:
            continue  # it would show neither page nor message
        if explaining(one.source, one.code):
            yield types.CodeAction(
                title=f"Explain {one.code}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown],
                command=types.Command(
                    "Explain", EXPLAIN, arguments=[one.source, one.code, one.span.file]
                ),
            )
        if is_link(one.href):
            yield types.CodeAction(
                title=f"Open the documentation of {one.code or one.source}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown],
                command=types.Command("Open", OPEN_DOCUMENTATION, arguments=[one.href]),
            )


def _consent(client: LspClient, project: LiveProject) -> list[str]:
    """To exactly what the diagnostic shows, for a client that cannot put the question."""
    configuration = project.configuration.project
    if client.asks or configuration is None:
        return [project.path]
    return [project.path, consent.digest(configuration), *_grants(project)]


def _wording(project: LiveProject) -> str:
    return title(_grants(project))


def _grants(project: LiveProject) -> list[str]:
    configuration = project.configuration.project
    return [grant.name for grant in consent.grants(configuration)] if configuration else []


def _may_edit(file: str, project: LiveProject) -> bool:
    """Whether a fix may change the file: only the project's own."""
    return is_below(os.path.realpath(file), project.path)


def _hover_kind(client: LspClient) -> types.MarkupKind:
    documents = client.server.client_capabilities.text_document
    accepted = documents and documents.hover and documents.hover.content_format
    plain = accepted and types.MarkupKind.Markdown not in accepted
    return types.MarkupKind.PlainText if plain else types.MarkupKind.Markdown


def _hover(
    converter: Converter,
    kind: types.MarkupKind,
    diagnostics: Sequence[Diagnostic],
    at: types.Position,
) -> types.Hover | None:
    """What the tool itself printed, where that says more than the message."""
    texts = []
    place = None
    for one in diagnostics:
        if not one.rendered:
            continue
        where = converter.diagnostic(one).range
        if _touches(where, types.Range(at, at)):
            place = place or where
            plain = kind is types.MarkupKind.PlainText
            texts.append(one.rendered if plain else _fenced(one.rendered))
    if not texts:
        return None
    return types.Hover(contents=types.MarkupContent(kind, "\n\n".join(texts)), range=place)


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def _touches(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end
