"""The texts of the files that the client has open, as its user sees them."""

from __future__ import annotations

import logging
from collections.abc import Container

from lsprotocol import types
from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)


def open_texts(server: LanguageServer, files: Container[str]) -> dict[str, str]:
    """Return the texts of those of the files that are open, by path."""
    documents = server.workspace.text_documents.values()
    return {document.path: document.source for document in documents if document.path in files}


def correct_buffer(server: LanguageServer, params: types.DidSaveTextDocumentParams) -> None:
    """Replace the text of an open file by the text that was saved.

    They differ if a client sent changes in another order than they were made.
    """
    uri, text = params.text_document.uri, params.text
    document = server.workspace.text_documents.get(uri)
    if document and text is not None and document.source != text:
        log.info("the text of %s differed from the editor's", uri)
        language, version = document.language_id or "", document.version or 0
        server.workspace.put_text_document(types.TextDocumentItem(uri, language, version, text))
