"""One client's connection: reads its messages, answers the custom methods, hands LSP to lsp.py."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec

from buildd import errors
from buildd.base.framing import frame, read_message
from buildd.base.logs import COUNTS
from buildd.base.lone_surrogates import encode, without_lone_surrogates
from buildd.errors import BuilddError, BusyError, DefinitionError, ProtocolError
from buildd.protocol import METHODS, Envelope

if TYPE_CHECKING:
    from buildd.lsp import LspClient
    from buildd.server.server import Server

log = logging.getLogger(__name__)

WRITE_LIMIT = 64 << 20
"""Bytes that may wait for a client that does not read, before its session is ended."""

REQUESTS_LIMIT = 256
"""Requests of one session that may be under way at once."""

REPAIR_LIMIT = 4 << 20
"""Characters of a message beyond which text that is no Unicode makes it unreadable."""

NESTING_LIMIT = sys.getrecursionlimit()
"""How deep a message may be nested, less the few levels that the daemon itself stands on."""

Id = int | str


class Session:
    """Made by the server for each connection; `live()` returns when the client is gone."""

    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.number = server.next_session_number()
        self._reader = reader
        self._writer = writer
        self._requests: dict[Id, asyncio.Task[None]] = {}
        self._lsp: LspClient | None = None
        self._shutdown = False
        self.variables: Mapping[str, str] = {}
        """What the client's environment says of the daemon's settings, as its greeting told."""
        self.at_end: list[Callable[[], None]] = []
        """Called once the client is gone."""

    async def live(self) -> None:
        """Serve the client until it leaves."""
        try:
            while (body := await read_message(self._reader)) is not None:
                if not await self._receive(body):
                    break
        except ProtocolError as error:
            log.warning("session %d: %s", self.number, error)
            self._answer_error(None, error)
        finally:
            await self._leave()

    def refuse(self, error: BuilddError) -> None:
        """Tell the client why it is not served, and leave it."""
        self._answer_error(None, error)
        self._writer.close()

    def notify(self, method: str, params: msgspec.Struct) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: dict[str, Any]) -> None:
        """Send a message made of built-ins and Structs."""
        self.write(frame(encode(message)))

    def write(self, data: bytes) -> None:
        """Send framed bytes. A client that lets too much of it wait is left."""
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > WRITE_LIMIT:
            log.warning("session %d does not read: it is ended", self.number)
            self._writer.transport.abort()

    async def drain(self) -> None:
        """Wait until the client has read enough for more. Raises ConnectionError if it left."""
        await self._writer.drain()

    async def _leave(self) -> None:
        requests = list(self._requests.values())
        for request in requests:
            request.cancel()
        if self._lsp:
            self._lsp.close()
        self._writer.close()
        if requests:
            await asyncio.wait(requests)
        for call in self.at_end:
            call()

    async def _receive(self, body: bytes) -> bool:
        """Handle one message; False if it was the last."""
        COUNTS["messages"] += 1
        try:
            return await self._handle(body)
        except RecursionError:
            failure = ProtocolError(
                f"the message is nested too deep; the limit is {NESTING_LIMIT} levels",
                code=errors.PARSE_ERROR,
            )
            self._answer_error(None, failure)
            return True
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            failure = ProtocolError(f"not JSON: {error}", code=errors.PARSE_ERROR)
            self._answer_error(None, failure)
            return True

    async def _handle(self, body: bytes) -> bool:
        text = body.decode()  # what the envelope has no name for is not looked at by what follows
        try:
            envelope = msgspec.json.decode(body, type=Envelope)
        except msgspec.ValidationError as error:
            self._answer_error(None, ProtocolError(f"not a JSON-RPC message: {error}"))
            return True
        except msgspec.DecodeError:
            repaired = without_lone_surrogates(text) if len(text) <= REPAIR_LIMIT else text
            if repaired == text:
                raise
            return await self._handle_repaired(repaired.encode())
        return await self._handle_message(envelope, body)

    async def _handle_repaired(self, body: bytes) -> bool:
        """Handle a message that had text that is no Unicode, and has U+FFFD in its place."""
        envelope = msgspec.json.decode(body, type=Envelope)
        if not envelope.method.startswith("buildd/"):
            # The text of a document may have that; an editor shows it as it is.
            return await self._handle_message(envelope, body)
        error = ProtocolError(
            f"{envelope.method}: a text in the parameters is not valid Unicode",
            "buildd works with paths and arguments that are valid UTF-8.",
            code=errors.INVALID_PARAMS,
        )
        self._answer_error(envelope.id if isinstance(envelope.id, int | str) else None, error)
        return True

    async def _handle_message(self, envelope: Envelope, body: bytes) -> bool:
        if envelope.jsonrpc != "2.0":
            self._answer_error(None, ProtocolError('a message needs `"jsonrpc": "2.0"`'))
            return True
        if envelope.method == "exit":
            return False
        if envelope.method == "$/cancelRequest" and self._cancel(envelope):
            return True
        if envelope.method in METHODS:
            self._start(envelope)
        elif envelope.method.startswith("buildd/"):
            self._unknown(envelope)
        else:
            await self._receive_lsp(envelope, body)
        return True

    # --- custom methods

    def _start(self, envelope: Envelope) -> None:
        request = envelope.id
        if not isinstance(request, int | str):
            log.warning("session %d: %s without an id", self.number, envelope.method)
            return
        if request in self._requests:
            self._answer_error(request, ProtocolError(f"the id {request!r} is already under way"))
            return
        if len(self._requests) >= REQUESTS_LIMIT:
            self._answer_error(request, _too_many_requests())
            return
        task = asyncio.create_task(self._serve(request, envelope))
        self._requests[request] = task
        task.add_done_callback(partial(self._served, request))

    async def _serve(self, request: Id, envelope: Envelope) -> None:
        from buildd.server.methods import HANDLERS

        method = METHODS[envelope.method]
        try:
            raw = bytes(envelope.params)
            params = msgspec.json.decode(raw if raw != b"null" else b"{}", type=method.params)
            result = await HANDLERS[envelope.method](self, params)
        except msgspec.MsgspecError as error:
            self._answer_error(
                request,
                ProtocolError(f"{envelope.method}: {error}", code=errors.INVALID_PARAMS),
            )
        except BuilddError as error:
            self._answer_error(request, error)
        except ConnectionError:
            log.info("session %d: the client left before the answer", self.number)
        except Exception as error:
            log.exception("session %d: %s", self.number, envelope.method)
            failure = ProtocolError(
                f"buildd itself failed: {error!r}",
                f"The daemon's log {self.server.log_path} has the details.",
                code=errors.INTERNAL_ERROR,
            )
            self._answer_error(request, failure)
        else:
            self.send({"jsonrpc": "2.0", "id": request, "result": result})

    def _served(self, request: Id, task: asyncio.Task[None]) -> None:
        self._requests.pop(request, None)
        # Said here: a task that is cancelled before its first step never runs.
        if task.cancelled():
            cancelled = ProtocolError("the request was cancelled", code=errors.REQUEST_CANCELLED)
            self._answer_error(request, cancelled)

    def _cancel(self, envelope: Envelope) -> bool:
        try:
            request = msgspec.json.decode(envelope.params, type=dict[str, int | str])["id"]
        except (msgspec.MsgspecError, KeyError):
            return False
        if request not in self._requests:
            return False
        self._requests[request].cancel()
        return True

    def _unknown(self, envelope: Envelope) -> None:
        if isinstance(envelope.id, int | str):
            error = ProtocolError(
                f"no method `{envelope.method}`",
                "The client and the daemon may be of different versions: run "
                "`buildd daemon restart`.",
                code=errors.METHOD_NOT_FOUND,
            )
            self._answer_error(envelope.id, error)

    def _answer_error(self, request: Id | None, error: BuilddError) -> None:
        data: dict[str, Any] = {"remedy": error.remedy}
        if isinstance(error, errors.ConfigError | DefinitionError):
            data |= {"file": error.file, "line": error.line}
        if isinstance(error, DefinitionError):
            data["output"] = error.output
        self.send(
            {
                "jsonrpc": "2.0",
                "id": request,
                "error": {"code": error.code, "message": error.message, "data": data},
            }
        )

    # --- LSP

    async def _receive_lsp(self, envelope: Envelope, body: bytes) -> None:
        is_request = isinstance(envelope.id, int | str) and envelope.method
        if self._shutdown and is_request:
            self._answer_error(
                envelope.id if isinstance(envelope.id, int | str) else None,
                ProtocolError(f"`{envelope.method}` after `shutdown`"),
            )
            return
        if self._lsp is None:
            if envelope.method != "initialize":
                if is_request:
                    error = ProtocolError(f"`{envelope.method}` before `initialize`", code=-32002)
                    self._answer_error(
                        envelope.id if isinstance(envelope.id, int | str) else None, error
                    )
                return
            # Half a second of imports: not on the event loop, and not before somebody wants it.
            module = await asyncio.to_thread(importlib.import_module, "buildd.lsp")
            self._lsp = module.LspClient(self)
        if envelope.method == "shutdown":
            self._shutdown = True
        elif is_request and self._lsp.requests_under_way >= REQUESTS_LIMIT:
            self._answer_error(cast("Id", envelope.id), _too_many_requests())
            return
        self._lsp.receive(msgspec.json.decode(body), is_request=bool(is_request))


def _too_many_requests() -> BusyError:
    return BusyError(
        f"{REQUESTS_LIMIT} requests of this session are under way, which is the limit",
        "Wait for some of them, or cancel them.",
    )
