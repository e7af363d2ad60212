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


def forget_ended(server: LanguageServer) -> None:
    """Forget the notifications that were handled.

    pygls forgets requests once they are answered. It keeps each notification, which has no answer,
    and the limit of requests under way would be reached after a few hundred keys.
    """
    under_way = server.protocol._request_futures  # noqa: SLF001 (there is no public way)
    for number in [number for number, future in under_way.items() if future.done()]:
        del under_way[number]


def position_encoding(server: LanguageServer) -> str:
    """Return the unit of columns that was agreed on: `utf-8`, `utf-16` or `utf-32`."""
    # What the client chose is a str, pygls's own default a member of an enumeration.
    return types.PositionEncodingKind(server.workspace.position_encoding).value
