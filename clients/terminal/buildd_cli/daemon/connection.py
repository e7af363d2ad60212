"""A blocking connection to the daemon: JSON-RPC 2.0 in LSP framing."""

from __future__ import annotations

from buildd.base.framing import CHUNK, MessageBuffer, frame
from buildd.errors import BuilddError
from buildd.paths import is_utf8, log_path
from buildd_cli.c_modules import dumps, loads

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from buildd_cli.c_modules import socket

    Message = dict[str, Any]
    OnNotification = Callable[[str, Any], None]


def ignore(method: str, params: Any) -> None:
    """Drop a notification: for requests whose notifications do not matter."""


class DaemonError(BuilddError):
    """The daemon's error answer.

    `code` is JSON-RPC's. `file` and `line` (from 1) name the place in a configuration or a
    Dockerfile, and are empty and 0 without one. `output` is the end of an image build's output.
    """

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
    """The client's end of the socket. `unread` holds the bytes after the last message taken."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.unread = MessageBuffer(body_limit=None)
        self._count = 0

    def request(
        self, method: str, on_notification: OnNotification = ignore, **params: object
    ) -> Any:
        """Send a request and return its result. Raises DaemonError, ClosedError."""
        return self.wait(self.start(method, **params), on_notification)

    def start(self, method: str, **params: object) -> int:
        """Send a request and return its id."""
        self._count += 1
        self.send({"id": self._count, "method": method, "params": params})
        return self._count

    def notify(self, method: str, **params: object) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def wait(self, number: int, on_notification: OnNotification = ignore) -> Any:
        """Return the result of the request `number`; notifications go to `on_notification`."""
        while (result := self._handle(number, on_notification)) is None:
            pass
        return result

    def advance(self, number: int, on_notification: OnNotification = ignore) -> Any:
        """Handle the messages that have arrived; return the result if it is among them, else None.

        Blocks only until one whole message is there: call it when the socket is readable.
        """
        while (result := self._handle(number, on_notification)) is None and self.unread:
            pass
        return result

    def _handle(self, number: int, on_notification: OnNotification) -> Any:
        """Handle one message. Returns None unless it is the result of the request `number`."""
        message = self.receive()
        if message is None:
            raise ClosedError(
                "the daemon closed the connection", f"Its log {log_path()} may say why."
            )
        if "method" in message:
            on_notification(message["method"], message.get("params"))
        elif message.get("id") == number or message.get("id") is None:
            # Without an id, the daemon refuses the connection, or could not read a message.
            if "error" in message:
                raise DaemonError(message["error"])
            return message["result"]
        return None

    def send(self, message: Message) -> None:
        """Send a message; `jsonrpc` is added.

        Raises BuilddError if it has text that is not valid UTF-8.
        """
        text = dumps({"jsonrpc": "2.0", **message})
        if "\\ud" in text:
            _require_utf8(message)
        body = text.encode()
        try:
            self.socket.sendall(frame(body))
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ClosedError("the daemon has ended", "Run the command again.") from error

    def receive(self) -> Message | None:
        """Return the next message; None at the end. Raises TimeoutError."""
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
        """Close the socket."""
        self.socket.close()


def _require_utf8(value: object) -> None:
    """Raise BuilddError for text that JSON cannot carry, such as an argument with a byte of it."""
    if isinstance(value, dict):
        for name, part in value.items():
            _require_utf8(name)
            _require_utf8(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _require_utf8(part)
    elif isinstance(value, str) and not is_utf8(value):
        raise BuilddError(
            f"{value!r} is not valid UTF-8, and the daemon cannot be told of it",
            "Pass such bytes in a file, or on standard input.",
        )
