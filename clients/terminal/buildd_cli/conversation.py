"""What an editor and the daemon have said to each other, as far as it must be known when that
daemon has gone: by the editor, which waits for answers, and by the next daemon."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from buildd.errors import REQUEST_FAILED
from buildd_cli.documents import Documents
from buildd_cli.frames import Frame, Message, framed

ERROR, INFO = 1, 3
"""LSP's MessageTypes."""

ODD = (AttributeError, KeyError, IndexError, TypeError)
"""What comes of messages that are not what LSP says; the side that they are for says so."""

OURS = "buildd-lsp"
"""The id of what is asked in the daemon's place, whose answer is for nobody."""


class Conversation:
    """`heard` and `told` follow it. Then `lost` is what the editor is told once the daemon has
    gone; `greeting` and `replay` are what the next one is told."""

    def __init__(self) -> None:
        self.is_over = False
        """The editor has said `shutdown`: it wants nothing more."""
        self.uses_methods = False
        """The editor uses methods of buildd's own: it knows daemons, and finds the next itself."""
        self._documents = Documents()
        self._initialize: Message = {}
        self._is_initialized = False
        self._initialized: bytes = b""
        self._requests: dict[Any, bytes] = {}
        """The editor's, not answered yet, by id."""
        self._questions: dict[str, bool] = {}
        """The daemon's requests that are not answered yet, by id."""
        self._registered: dict[str, str] = {}
        """The methods that the daemon has registered, by the ids of the registrations."""
        self._begun: set[Any] = set()
        """Tokens of work that is shown as being under way."""
        self._shown: set[str] = set()
        """The files, by URI, that show diagnostics."""

    # --- while there is a daemon

    def heard(self, frame: Frame) -> bool:
        """The editor said this; whether it is for the daemon."""
        if self.uses_methods:
            return True
        if frame.message and "method" not in frame.message:
            # An answer. Who asked may be a daemon that has gone.
            return self._questions.pop(str(frame.message.get("id")), False)
        with suppress(*ODD):
            self._hear(frame)
        return True

    def told(self, frame: Frame) -> None:
        """The daemon said this."""
        if not self.uses_methods:
            with suppress(*ODD):
                self._tell(frame.message)

    def _hear(self, frame: Frame) -> None:
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
            self._documents.heard(method, frame)

    def _tell(self, message: Message) -> None:
        number = message.get("id")
        if "method" not in message:
            is_first = number in self._requests and number == self._initialize.get("id")
            self._is_initialized |= is_first and "result" in message
            self._requests.pop(number, None)
            return
        if number is not None:
            self._questions[str(number)] = True
        method, params = message["method"], message["params"]
        if method == "textDocument/publishDiagnostics":
            change = self._shown.add if params["diagnostics"] else self._shown.discard
            change(params["uri"])
        elif method == "window/workDoneProgress/create":
            self._documents.work_created(params["token"])
        elif method == "$/progress":
            self._advance(params["token"], params["value"])
        elif method == "client/registerCapability":
            self._registered |= {one["id"]: one["method"] for one in params["registrations"]}

    # --- when it has gone

    def lost(self) -> list[bytes]:
        """The daemon has gone: what the editor is told now."""
        self._questions.clear()
        end = {"kind": "end", "message": "the daemon has ended"}
        messages: list[Message] = [
            {"method": "$/progress", "params": {"token": token, "value": end}}
            for token in self._begun
        ]
        self._begun.clear()
        if self._registered:
            given = [{"id": one, "method": method} for one, method in self._registered.items()]
            params = {"unregisterations": given}  # as LSP spells it
            messages.append({"id": OURS, "method": "client/unregisterCapability", "params": params})
            self._registered.clear()
        told = self.refuse("the daemon ended before it answered; ask again")
        return [framed(one) for one in messages] + told

    def refuse(self, reason: str, code: int = REQUEST_FAILED, only: object = None) -> list[bytes]:
        """Errors for the requests that wait, or only for one; `initialize` goes on waiting."""
        known = None if self._is_initialized else self._initialize.get("id")
        refused = [
            number for number in self._requests if number != known and only in (None, number)
        ]
        error = {"code": code, "message": reason}
        for number in refused:
            del self._requests[number]
        return [framed({"id": number, "error": error}) for number in refused]

    def greeting(self) -> Message | None:
        """The parameters of `initialize` that another daemon is told first; None if the editor's
        own waits for it, or is still to come."""
        return self._initialize["params"] if self._is_initialized else None

    def cleared(self) -> list[bytes]:
        """What takes away all that the editor shows, before another daemon shows what it knows."""
        method = "textDocument/publishDiagnostics"
        shown, self._shown = self._shown, set()
        return [
            framed({"method": method, "params": {"uri": uri, "diagnostics": []}}) for uri in shown
        ]

    def replay(self) -> list[bytes]:
        """What another daemon is told: what is open, and the requests that wait."""
        begun = [self._initialized] if self._initialized else []
        return [*begun, *self._documents.replay(), *self._requests.values()]

    def _change_folders(self, event: Message) -> None:
        params = self._initialize["params"]
        root = params.get("rootUri")
        folders = params.get("workspaceFolders") or ([{"uri": root, "name": ""}] if root else [])
        removed = {one["uri"] for one in event["removed"]}
        kept = [one for one in folders if one["uri"] not in removed]
        params["workspaceFolders"] = kept + event["added"]

    def _advance(self, token: Any, value: Message) -> None:
        if value["kind"] == "begin":
            self._begun.add(token)
        elif value["kind"] == "end":
            self._begun.discard(token)
            self._documents.work_ended(token)


def shown(text: str, kind: int = ERROR) -> bytes:
    """A message for the user of the editor."""
    params = {"type": kind, "message": f"buildd: {text}"}
    return framed({"method": "window/showMessage", "params": params})
