"""The texts that the client has open, as they are there."""

from __future__ import annotations

import logging
from collections.abc import Container

from lsprotocol import types
from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)


def buffers(server: LanguageServer, files: Container[str]) -> dict[str, str]:
    """The texts of those of the files that are open, by path."""
    documents = server.workspace.text_documents.values()
    return {one.path: one.source for one in documents if one.path in files}


def put_right(server: LanguageServer, params: types.DidSaveTextDocumentParams) -> None:
    """Take the text that was saved for the buffer's: some clients send changes in another order
    than they were made."""
    uri, text = params.text_document.uri, params.text
    document = server.workspace.text_documents.get(uri)
    if document and text is not None and document.source != text:
        log.info("%s was not as it is in the editor", uri)
        language, version = document.language_id or "", document.version or 0
        server.workspace.put_text_document(types.TextDocumentItem(uri, language, version, text))
