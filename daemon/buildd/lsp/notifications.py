"""What a client says without asking: that it opens, edits, saves, closes and deletes files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types

from buildd.lsp.buffers import correct_buffer
from buildd.lsp.pull import register_pull, wants_pull

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

_ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
)


class _Handler(NamedTuple):
    """Handles a method, with what the server says of itself about it."""

    handle: Callable[[LspClient, Any], None]
    options: object = None


def register_notifications(client: LspClient) -> None:
    """Register every handler of this module with the client's server."""
    for method, handler in HANDLERS.items():
        client.server.feature(method, handler.options)(_bound(handler, client))


def _bound(handler: _Handler, client: LspClient) -> Callable[[Any], None]:
    # A function of its own, because pygls sets attributes on what it registers.
    def handle(params: Any) -> None:
        handler.handle(client, params)

    return handle


def _initialize(client: LspClient, params: types.InitializeParams) -> None:
    client.pulls = wants_pull(params)
    # Clients that do not mention windows may never answer a question.
    client.asks = params.capabilities.window is not None


def _initialized(client: LspClient, _: types.InitializedParams) -> None:
    client.is_initialized = True
    if client.pulls:
        register_pull(client)
    workspace = client.server.workspace
    folders = [folder.uri for folder in workspace.folders.values()]
    client.opened.open_folders(folders or [uri for uri in (workspace.root_uri,) if uri])


def _folders_changed(client: LspClient, params: types.DidChangeWorkspaceFoldersParams) -> None:
    client.opened.open_folders(folder.uri for folder in params.event.added)
    for folder in params.event.removed:
        client.opened.close_folder(folder.uri)


def _opened(client: LspClient, params: types.DidOpenTextDocumentParams) -> None:
    client.opened.open_file(params.text_document.uri)


def _saved(client: LspClient, params: types.DidSaveTextDocumentParams) -> None:
    correct_buffer(client.server, params)
    client.opened.save_file(params.text_document.uri)


def _closed(client: LspClient, params: types.DidCloseTextDocumentParams) -> None:
    client.opened.close_file(params.text_document.uri)


def _deleted(client: LspClient, _: types.DeleteFilesParams | types.RenameFilesParams) -> None:
    client.opened.files_deleted()


def _progress_cancelled(client: LspClient, params: types.WorkDoneProgressCancelParams) -> None:
    token = str(params.token)
    if run := client.runs.get(token):
        run.cancel()
    elif token in client.renewals:
        client.renewals[token][0].cancel()


def _ignored(client: LspClient, params: object) -> None:
    """Do nothing: clients send this although buildd needs nothing of it."""


HANDLERS: dict[str, _Handler] = {
    types.INITIALIZE: _Handler(_initialize),
    types.INITIALIZED: _Handler(_initialized),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: _Handler(_folders_changed),
    types.TEXT_DOCUMENT_DID_OPEN: _Handler(_opened),
    types.TEXT_DOCUMENT_DID_SAVE: _Handler(_saved, types.SaveOptions(include_text=True)),
    types.TEXT_DOCUMENT_DID_CHANGE: _Handler(_ignored),  # pygls keeps the text
    types.TEXT_DOCUMENT_DID_CLOSE: _Handler(_closed),
    types.WORKSPACE_DID_DELETE_FILES: _Handler(_deleted, _ANY_FILE),
    types.WORKSPACE_DID_RENAME_FILES: _Handler(_deleted, _ANY_FILE),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: _Handler(_ignored),  # buildd.toml is all there is
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: _Handler(_progress_cancelled),
}
