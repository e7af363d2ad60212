"""Diagnostics that the client asks for, instead of their being published.

Publishing is faster: it shows a finding without a question in between, while the build still runs.
So it is the way of every client that takes it, and none gets both, which would show all twice. A
client that takes no publishing, or says `"diagnostics": "pull"` in its initialization options, is
served so; it is told by `workspace/diagnostic/refresh` when to ask.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from buildd.base.safe_open import may_be_opened
from buildd.diagnostics.source_snapshots import FILE_LIMIT
from buildd.lsp.convert import uri

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

IDENTIFIER = "buildd"

_Full = types.RelatedFullDocumentDiagnosticReport
_Unchanged = types.RelatedUnchangedDocumentDiagnosticReport


def wants_pull(params: types.InitializeParams) -> bool:
    """Whether this client is to ask, by what it says when it begins."""
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
    """Answer the questions, and have the client know that it may ask."""
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
        known = {one.uri: one.value for one in params.previous_result_ids}
        files = {
            file
            for project in client.opened.projects.values()
            for file in project.results.findings.files()
        }
        files |= {path for one in known if (path := to_fs_path(one))}
        files = await asyncio.to_thread(_openable, files)
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


def _openable(files: set[str]) -> set[str]:
    """Without what has become a named pipe or the like, which an editor must not open."""
    return {file for file in files if may_be_opened(file, FILE_LIMIT)}


async def _items(client: LspClient, file: str) -> list[types.Diagnostic]:
    found = [
        one
        for project in client.opened.projects.values()
        for one in project.results.findings.of_file(file)
    ]
    if not found:
        return []
    return await asyncio.to_thread(client.converter().diagnostics, found)


def _digest(items: list[types.Diagnostic]) -> str:
    return hashlib.sha256(repr(items).encode("utf-8", "replace")).hexdigest()[:16]
