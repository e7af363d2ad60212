"""The documents that a client has open: how they change, and how many are kept.

Without the text of a document, diagnostics are shown where the file on the disk has them, which is
the same place unless it is being edited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from buildd.lsp.language_server import position_encoding
from buildd.lsp.text_changes import applied

DOCUMENTS_LIMIT = 2048
"""Documents of one session that are kept."""

DOCUMENT_LIMIT = 4 << 20
"""Characters of one document that is kept."""

TEXTS_LIMIT = 64 << 20
"""Characters of all documents of one session that are kept."""

_BRIEF = 1 << 20
"""Characters times changes that are worked through in about a millisecond."""


class Documents:
    """The open documents of one client. `warn` is called once if a limit is exceeded."""

    def __init__(self, server: LanguageServer, warn: Callable[[str], None]) -> None:
        self._server = server
        self._warn = warn
        self._has_warned = False

    def keep(self, uri: str) -> None:
        """Forget a document that was opened or changed if it is beyond the limits."""
        documents = self._server.workspace.text_documents
        document = self._find(uri)
        if document is None:
            return
        if len(document.source) > DOCUMENT_LIMIT:
            excess = f"{document.path} has more than {DOCUMENT_LIMIT >> 20} Mi characters"
        elif len(documents) > DOCUMENTS_LIMIT:
            excess = f"more than {DOCUMENTS_LIMIT} documents are open"
        elif sum(len(other.source) for other in documents.values()) > TEXTS_LIMIT:
            excess = f"the open documents have more than {TEXTS_LIMIT >> 20} Mi characters"
        else:
            return
        self._server.workspace.remove_text_document(uri)
        if not self._has_warned:
            self._has_warned = True
            self._warn(
                f"{excess}, which is the limit. While such a document has unsaved changes, its "
                "diagnostics may be at other lines than their code. Save it, or close documents."
            )

    async def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply an editor's changes to a document, if it is kept.

        If that takes long, it is done in a thread, so that no other client waits.
        """
        workspace = self._server.workspace
        uri = params.text_document.uri
        document = self._find(uri)
        if document is None:
            return
        changes, text = params.content_changes, document.source
        encoding = position_encoding(self._server)
        if len(text) * len(changes) > _BRIEF:
            text = await asyncio.to_thread(applied, text, changes, encoding)
        else:
            text = applied(text, changes, encoding)
        language, version = document.language_id or "", params.text_document.version
        workspace.put_text_document(types.TextDocumentItem(uri, language, version, text))
        self.keep(uri)

    def close(self) -> None:
        """Forget all documents of a client that is gone.

        The server itself is part of cycles, which the garbage collector may find much later.
        """
        workspace = self._server.protocol._workspace  # noqa: SLF001 (the property raises if there is none)
        if workspace:
            for uri in list(workspace.text_documents):
                workspace.remove_text_document(uri)

    def _find(self, uri: str) -> TextDocument | None:
        documents: dict[str, TextDocument] = self._server.workspace.text_documents
        return documents.get(unquote(uri))
