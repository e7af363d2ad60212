"""The pygls server of one client, which leaves nothing in memory when the client is gone."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from buildd import __version__

# Shared, because it has no state and making one takes milliseconds.
_CONVERTER = default_converter()  # type: ignore[no-untyped-call]  # pygls left it so


class UncachedProtocol(LanguageServerProtocol):
    """Looks up the types of messages without a cache.

    pygls puts an `lru_cache` on these two methods. It lives as long as the process and its keys
    hold the protocol object, and with it every document that an ended session had open.
    """

    def get_message_type(  # type: ignore[override]  # the cache is what is left out
        self, method: str
    ) -> type[Any] | None:
        """Return the type of a request or notification; None if LSP has no such method."""
        found: type[Any] | None = types.METHOD_TO_TYPES.get(method, (None,))[0]
        return found

    def get_result_type(  # type: ignore[override]  # likewise
        self, method: str
    ) -> type[Any] | None:
        """Return the type of a request's response; None if LSP has no such request."""
        found: type[Any] | None = types.METHOD_TO_TYPES.get(method, (None, None))[1]
        return found


def language_server() -> LanguageServer:
    """Return a new server for one client."""
    return LanguageServer(
        "buildd", __version__, protocol_cls=UncachedProtocol, converter_factory=lambda: _CONVERTER
    )


def release(server: LanguageServer) -> None:
    """Release the documents of a client that is gone.

    The server itself is part of cycles, which the garbage collector may find much later.
    """
    workspace = server.protocol._workspace  # noqa: SLF001 (the property raises if there is none)
    for uri in list(workspace.text_documents) if workspace else ():
        server.workspace.remove_text_document(uri)
