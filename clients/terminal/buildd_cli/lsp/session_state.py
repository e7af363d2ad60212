"""The part of an editor's LSP session that must survive the daemon.

When the daemon ends, the editor needs an answer to its open requests, and the next daemon needs to
know the open files.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from buildd.errors import REQUEST_FAILED
from buildd_cli.lsp.framing import Frame, Message, encode
from buildd_cli.lsp.open_documents import OpenDocuments

ERROR, INFO = 1, 3
"""LSP's MessageTypes."""

MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a message that breaks the LSP specification can raise here. We ignore it: its receiver
reports the error."""

OWN_ID = "buildd-lsp"
"""The id of requests that we send in the daemon's place. Their answers are dropped."""


class SessionState:
    """Follows one LSP session.

    Give every message to `from_editor` or `from_daemon`. When the daemon has ended, `daemon_lost`
    returns the messages for the editor; `initialize_params` and `replay` return what the next
    daemon must be sent. Messages are returned as bytes, ready to be written.
    """

    def __init__(self) -> None:
        self.is_over = False
        """Whether the editor has sent `shutdown`: it needs nothing more."""
        self.uses_methods = False
        """Whether the editor uses buildd's own methods. Such a client reconnects by itself."""
        self._documents = OpenDocuments()
        self._initialize: Message = {}
        self._is_initialized = False
        self._initialized: bytes = b""
        self._requests: dict[Any, bytes] = {}
        """The editor's requests without an answer yet, by id."""
        self._daemon_requests: dict[str, bool] = {}
        """The daemon's requests without an answer yet, by id."""
        self._registered: dict[str, str] = {}
        """The methods that the daemon has registered, by registration id."""
        self._progress: set[Any] = set()
        """The tokens of the progress that the editor shows."""
        self._with_diagnostics: set[str] = set()
        """The files, by URI, that show diagnostics."""

    # --- while there is a daemon

    def from_editor(self, frame: Frame) -> bool:
        """Take in a message of the editor; return whether the daemon should get it."""
        if self.uses_methods:
            return True
        if frame.message and "method" not in frame.message:
            # An answer, perhaps to a daemon that has ended.
            return self._daemon_requests.pop(str(frame.message.get("id")), False)
        with suppress(*MALFORMED):
            self._on_editor_message(frame)
        return True

    def from_daemon(self, frame: Frame) -> None:
        """Take in a message of the daemon."""
        if not self.uses_methods:
            with suppress(*MALFORMED):
                self._on_daemon_message(frame.message)

    def _on_editor_message(self, frame: Frame) -> None:
        message = frame.message
        method = message["method"]
        if "id" in message:
            self._requests[message["id"]] = frame.raw
        self.is_over |= method == "shutdown"
        self.uses_methods |= method.startswith("buildd/")
        if method == "initialize":
            self._initialize = {**message, "params": dict(message["params"])}
        elif method == "initialized":
            self._initialized = frame.raw
        elif method == "workspace/didChangeWorkspaceFolders":
            self._change_folders(message["params"]["event"])
        else:
            self._documents.from_editor(method, frame)

    def _on_daemon_message(self, message: Message) -> None:
        number = message.get("id")
        if "method" not in message:
            is_first = number in self._requests and number == self._initialize.get("id")
            self._is_initialized |= is_first and "result" in message
            self._requests.pop(number, None)
            return
        if number is not None:
            self._daemon_requests[str(number)] = True
        method, params = message["method"], message["params"]
        if method == "textDocument/publishDiagnostics":
            files = self._with_diagnostics
            change = files.add if params["diagnostics"] else files.discard
            change(params["uri"])
        elif method == "window/workDoneProgress/create":
            self._documents.progress_created(params["token"])
        elif method == "$/progress":
            self._on_progress(params["token"], params["value"])
        elif method == "client/registerCapability":
            self._registered |= {
                registration["id"]: registration["method"]
                for registration in params["registrations"]
            }

    # --- when the daemon has ended

    def daemon_lost(self) -> list[bytes]:
        """Forget what belonged to the ended daemon; return what the editor must be sent."""
        self._daemon_requests.clear()
        end = {"kind": "end", "message": "the daemon has ended"}
        messages: list[Message] = [
            {"method": "$/progress", "params": {"token": token, "value": end}}
            for token in self._progress
        ]
        self._progress.clear()
        if self._registered:
            registrations = [
                {"id": identifier, "method": method}
                for identifier, method in self._registered.items()
            ]
            params = {"unregisterations": registrations}  # as LSP spells it
            method = "client/unregisterCapability"
            messages.append({"id": OWN_ID, "method": method, "params": params})
            self._registered.clear()
        answers = self.fail_requests("the daemon ended before it answered; ask again")
        return [encode(message) for message in messages] + answers

    def fail_requests(
        self, reason: str, code: int = REQUEST_FAILED, only: object = None
    ) -> list[bytes]:
        """Return error answers for the requests that wait, or only for the one with the id `only`.

        The editor's first `initialize` keeps waiting for the next daemon.
        """
        first = None if self._is_initialized else self._initialize.get("id")
        refused = [
            number for number in self._requests if number != first and only in (None, number)
        ]
        error = {"code": code, "message": reason}
        for number in refused:
            del self._requests[number]
        return [encode({"id": number, "error": error}) for number in refused]

    def initialize_params(self) -> Message | None:
        """Return the parameters of `initialize` for the next daemon.

        Returns None if the editor's own request still waits for its answer, or was not sent yet.
        """
        return self._initialize["params"] if self._is_initialized else None

    def clear_diagnostics(self) -> list[bytes]:
        """Return what clears the editor's diagnostics, before the next daemon publishes its own."""
        method = "textDocument/publishDiagnostics"
        files, self._with_diagnostics = self._with_diagnostics, set()
        return [
            encode({"method": method, "params": {"uri": uri, "diagnostics": []}}) for uri in files
        ]

    def replay(self) -> list[bytes]:
        """Return what the next daemon is sent after `initialize`: open files and open requests."""
        initialized = [self._initialized] if self._initialized else []
        return [*initialized, *self._documents.replay(), *self._requests.values()]

    def _change_folders(self, event: Message) -> None:
        params = self._initialize["params"]
        root = params.get("rootUri")
        folders = params.get("workspaceFolders") or ([{"uri": root, "name": ""}] if root else [])
        removed = {folder["uri"] for folder in event["removed"]}
        kept = [folder for folder in folders if folder["uri"] not in removed]
        params["workspaceFolders"] = kept + event["added"]

    def _on_progress(self, token: Any, value: Message) -> None:
        if value["kind"] == "begin":
            self._progress.add(token)
        elif value["kind"] == "end":
            self._progress.discard(token)
            self._documents.progress_ended(token)


def show_message(text: str, kind: int = ERROR) -> bytes:
    """Return a `window/showMessage` for the editor's user; `kind` is LSP's MessageType."""
    params = {"type": kind, "message": f"buildd: {text}"}
    return encode({"method": "window/showMessage", "params": params})
