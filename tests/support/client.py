"""A plain client of the daemon's socket, for tests that look at the protocol itself."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

from buildd.base.framing import CHUNK, MessageBuffer, frame

Message = dict[str, Any]

TIMEOUT = 120
"""Seconds that a test waits for a message before it fails."""


class ClientError(Exception):
    """The daemon answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.remedy: str = error["data"]["remedy"]
        self.data: Mapping[str, Any] = error["data"]


class Client:
    """One connection: to the daemon's socket at a path, or one that is there already. Messages that
    were not waited for are kept in `seen`, in order."""

    def __init__(self, to: str | socket.socket) -> None:
        self.socket = connected(to) if isinstance(to, str) else to
        self.socket.settimeout(TIMEOUT)
        self.seen: list[Message] = []
        self._buffer = MessageBuffer()
        self._ids = itertools.count(1)

    def send(self, message: Message) -> None:
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_raw(self, body: bytes) -> None:
        self.socket.sendall(frame(body))

    def receive(self) -> Message | None:
        """The next message; None at the end."""
        while (found := self._buffer.take()) is None:
            data = self.socket.recv(CHUNK)
            if not data:
                return None
            self._buffer.feed(data)
        message: Message = json.loads(found.body)
        return message

    def start(self, method: str, **params: Any) -> int:
        """Send a request and return its id."""
        number = next(self._ids)
        self.send({"id": number, "method": method, "params": params})
        return number

    def notify(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def wait_for(self, fits: Callable[[Message], bool]) -> Message:
        """The next message that fits, among those not looked at yet."""
        while True:
            message = self.receive()
            if message is None:
                raise ConnectionError(f"the daemon closed the connection; seen: {self.seen}")
            self.seen.append(message)
            if fits(message):
                return message

    def result(self, number: int) -> Any:
        """The result of the request; raises ClientError for an error."""
        answer = self.wait_for(lambda one: one.get("id") == number and "method" not in one)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["result"]

    def request(self, method: str, **params: Any) -> Any:
        """Send a request and wait for its result."""
        return self.result(self.start(method, **params))

    def close(self) -> None:
        self.socket.close()


def connected(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    try:
        # Without a limit: with one it would fail where it should wait for its turn.
        made.connect(path)
    except OSError:
        made.close()
        raise
    return made
