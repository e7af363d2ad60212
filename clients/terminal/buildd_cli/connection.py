"""One connection to the daemon: JSON-RPC 2.0 in LSP framing, blocking."""

from __future__ import annotations

from buildd.base.framing import CHUNK, MessageBuffer, frame
from buildd.errors import BuilddError
from buildd.paths import log_path
from buildd_cli.lean import dumps, loads

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from buildd_cli.lean import socket

    Message = dict[str, Any]
    OnNotification = Callable[[str, Any], None]


def ignore(method: str, params: Any) -> None:
    """For requests whose notifications do not matter."""


class DaemonError(BuilddError):
    """What the daemon answered instead of a result; `code` is JSON-RPC's. `file` and `line` name
    the place in a configuration or a Dockerfile; `output` is the end of an image's build."""

    def __init__(self, error: Message) -> None:
        data = error.get("data") or {}
        super().__init__(error["message"], data.get("remedy", ""))
        self.code = error["code"]
        self.file: str = data.get("file", "")
        self.line: int = data.get("line", 0)
        self.output: str = data.get("output", "")

    def __str__(self) -> str:
        text = super().__str__()
        if not self.file:
            return text
        return f"{self.file}:{self.line}: {text}" if self.line else f"{self.file}: {text}"


class ClosedError(BuilddError):
    """The daemon closed the connection."""


class Connection:
    """A client's end of the socket. `unread` holds what came beyond the last message."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.unread = MessageBuffer(body_limit=None)
        self._count = 0

    def request(
        self, method: str, on_notification: OnNotification = ignore, **params: object
    ) -> Any:
        """Send a request and wait for its result. Raises DaemonError, ClosedError."""
        return self.wait(self.start(method, **params), on_notification)

    def start(self, method: str, **params: object) -> int:
        """Send a request; its id."""
        self._count += 1
        self.send({"id": self._count, "method": method, "params": params})
        return self._count

    def notify(self, method: str, **params: object) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def wait(self, number: int, on_notification: OnNotification = ignore) -> Any:
        """The result of the request `number`; what the daemon tells meanwhile is handed on."""
        while (result := self._handle(number, on_notification)) is None:
            pass
        return result

    def advance(self, number: int, on_notification: OnNotification = ignore) -> Any:
        """As `wait`, but only with the messages that are there, of which there is at least a
        part; None if the result is not among them."""
        while (result := self._handle(number, on_notification)) is None and self.unread:
            pass
        return result

    def _handle(self, number: int, on_notification: OnNotification) -> Any:
        """Take one message. None unless it is the result of the request `number`."""
        message = self.receive()
        if message is None:
            raise ClosedError(
                "the daemon closed the connection", f"Its log {log_path()} may say why."
            )
        if "method" in message:
            on_notification(message["method"], message.get("params"))
        elif message.get("id") == number or message.get("id") is None:
            # Without an id: a refusal of the connection, or of a message that it could not read.
            if "error" in message:
                raise DaemonError(message["error"])
            return message["result"]
        return None

    def send(self, message: Message) -> None:
        """Send a message, to which `jsonrpc` is added."""
        body = dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            self.socket.sendall(frame(body))
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ClosedError("the daemon has gone", "Run the command again.") from error

    def receive(self) -> Message | None:
        """The next message; None at the end. Raises TimeoutError where the socket has a limit."""
        while (found := self.unread.take()) is None:
            try:
                data = self.socket.recv(CHUNK)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.unread.feed(data)
        message: Message = loads(found.body)
        return message

    def close(self) -> None:
        self.socket.close()
