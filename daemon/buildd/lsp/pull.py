"""Answers clients that ask for diagnostics, instead of publishing them.

Publishing is faster: it shows a diagnostic while the build still runs, without a question. So every
client that supports it is published to, and no client gets both, which would show everything twice.
A client pulls if it does not support publishing, or has `"diagnostics": "pull"` in its
initialization options. `workspace/diagnostic/refresh` tells it when to ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from buildd.lsp.convert import uri
from buildd.paths import short_hash

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

IDENTIFIER = "buildd"

_Full = types.RelatedFullDocumentDiagnosticReport
_Unchanged = types.RelatedUnchangedDocumentDiagnosticReport


def wants_pull(params: types.InitializeParams) -> bool:
    """Return whether the client pulls, from what it says when it begins."""
    documents = params.capabilities.text_document
    if not documents or not documents.diagnostic or not documents.diagnostic.dynamic_registration:
        return False
    options = params.initialization_options
    if isinstance(options, Mapping):
        asked = options.get("diagnostics")
    else:
        asked = getattr(options, "diagnostics", None)
    return asked == "pull" or documents.publish_diagnostics is None


def register_pull(client: LspClient) -> None:
    """Answer the client's questions, and tell it that it may ask."""
    server = client.server

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC)
    async def document(params: types.DocumentDiagnosticParams) -> _Full | _Unchanged:
        path = to_fs_path(params.text_document.uri) or ""
        items = await _items(client, path)
        result_id = _digest(items)
        if params.previous_result_id == result_id:
            return _Unchanged(result_id=result_id)
        return _Full(items=items, result_id=result_id)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def workspace(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        known = {previous.uri: previous.value for previous in params.previous_result_ids}
        files = {
            file
            for project in client.opened.projects.values()
            for file in project.results.findings.files()
        }
        files |= {path for address in known if (path := to_fs_path(address))}
        reports: list[
            types.WorkspaceFullDocumentDiagnosticReport
            | types.WorkspaceUnchangedDocumentDiagnosticReport
        ] = []
        for file in sorted(files):
            items = await _items(client, file)
            result_id = _digest(items)
            if known.get(uri(file)) == result_id:
                reports.append(
                    types.WorkspaceUnchangedDocumentDiagnosticReport(
                        uri=uri(file), result_id=result_id
                    )
                )
            else:
                reports.append(
                    types.WorkspaceFullDocumentDiagnosticReport(
                        uri=uri(file), items=items, result_id=result_id
                    )
                )
        return types.WorkspaceDiagnosticReport(items=reports)

    options = types.DiagnosticRegistrationOptions(
        document_selector=[types.TextDocumentFilterScheme(scheme="file")],
        identifier=IDENTIFIER,
        inter_file_dependencies=True,
        workspace_diagnostics=True,
    )
    server.client_register_capability(
        types.RegistrationParams(
            [types.Registration(IDENTIFIER, types.TEXT_DOCUMENT_DIAGNOSTIC, options)]
        )
    )


async def _items(client: LspClient, file: str) -> list[types.Diagnostic]:
    found = [
        diagnostic
        for project in client.opened.projects.values()
        for diagnostic in project.results.findings.of_file(file)
    ]
    if not found:
        return []
    return await asyncio.to_thread(client.converter().diagnostics, found)


def _digest(items: list[types.Diagnostic]) -> str:
    return short_hash(repr(items))
