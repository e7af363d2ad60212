"""One LSP client: its server, the projects that it sees, and the tasks that work for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from buildd import __version__
from buildd.base.task_set import TaskSet
from buildd.environments.environment import LiveEnvironment
from buildd.errors import BuilddError
from buildd.lsp.actions import register_actions
from buildd.lsp.buffers import open_texts
from buildd.lsp.commands import register_commands
from buildd.lsp.convert import Converter, shows_related
from buildd.lsp.lens import register_lenses
from buildd.lsp.notifications import register_notifications
from buildd.lsp.opened import OpenedProjects
from buildd.lsp.publisher import Publisher
from buildd.lsp.session import ClientSession
from buildd.runs.run import LiveRun

log = logging.getLogger(__name__)

# Shared, because it has no state and making one takes milliseconds.
_CONVERTER = default_converter()  # type: ignore[no-untyped-call]  # pygls left it so


def _is_failure(record: logging.LogRecord) -> bool:
    """Whether a record of pygls is about a failure of buildd.

    pygls also logs, with a traceback, every error that a client gets as its answer.
    """
    answer = record.exc_info and isinstance(record.exc_info[1], JsonRpcException)
    return not answer and not str(record.msg).startswith("Unable to deserialize")


logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_failure)


class LspClient:
    """The LSP side of a session, with a pygls server of its own."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.server = LanguageServer("buildd", __version__, converter_factory=lambda: _CONVERTER)
        self.server.protocol.set_writer(session)  # type: ignore[arg-type]  # write() is what it uses
        self.opened = OpenedProjects(self)
        self.publisher = Publisher(self)
        self.runs: dict[str, LiveRun] = {}
        """The runs shown as work in progress, by their progress tokens."""
        self.renewals: dict[str, tuple[LiveEnvironment, asyncio.Event]] = {}
        """The same for environments that are renewed, each with what is set when it changes."""
        self._tasks = TaskSet(log)
        self.asked: set[str] = set()
        """The digests of the configurations and image definitions that it was asked about."""
        self.asks = True
        """Whether it shows questions to its user, as far as is known."""
        self.is_initialized = False
        """Whether it has sent `initialized`: before, it must not be sent requests."""
        self.pulls = False
        """Whether it asks for diagnostics instead of being sent them."""
        register_notifications(self)
        register_commands(self)
        register_actions(self)
        register_lenses(self)

    def receive(self, message: Any, *, is_request: bool) -> None:
        """Handle one LSP message, which is decoded."""
        protocol = self.server.protocol
        try:
            protocol.handle_message(protocol.structure_message(message))
        except JsonRpcException as error:
            # pygls itself does not answer a request whose parameters do not fit.
            method = message.get("method", "")
            log.warning("session %d: %s does not fit its type", self.session.number, method)
            if is_request:
                failure = JsonRpcInvalidParams(
                    f"the parameters of `{method}` are not what LSP says", data=str(error)
                )
                protocol._send_response(  # noqa: SLF001 (there is no public way to answer)
                    message["id"], None, failure.to_response_error()
                )

    @property
    def requests_under_way(self) -> int:
        """How many requests wait for an answer: of the client, and to it."""
        return len(self.server.protocol._request_futures)  # noqa: SLF001 (pygls has no count)

    def close(self) -> None:
        """Show the client nothing more, because it is gone, and end runs that only it wanted."""
        self.opened.leave()
        self._tasks.cancel()
        for run in list(self.runs.values()):
            run.release(self)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do work beside the reading of messages, and show the client if it fails."""

        async def guarded() -> None:
            try:
                await work
            except BuilddError as error:
                self.show(str(error), types.MessageType.Error)
            except ConnectionError:
                log.info("session %d: the client has left", self.session.number)
            except Exception:
                log.exception("session %d", self.session.number)

        task = self._tasks.start(guarded())
        # A task that is cancelled before it begins never awaits its work.
        task.add_done_callback(lambda _: work.close())
        return task

    def keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Cancel the task when the client is gone, unless it has ended before; return it."""
        return self._tasks.keep(task)

    def show(self, message: str, kind: types.MessageType) -> None:
        """Show a message in the editor."""
        self.server.window_show_message(
            types.ShowMessageParams(type=kind, message=f"buildd: {message}")
        )

    def converter(self) -> Converter:
        """Return what converts diagnostics to what this client shows now."""
        encoding = str(self.server.workspace.position_encoding)
        return Converter(
            encoding,
            self.session.projects.snapshots,
            open_texts(self.server, self.opened.files),
            related=shows_related(self.server.client_capabilities),
        )
