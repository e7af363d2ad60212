"""A client that says one byte a second, which is waited for without a limit of time."""

from __future__ import annotations

import threading

from tests.support.client import Client

REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"buildd/status"}'

PAUSE = 1.0
"""Seconds between two bytes."""


def ask_slowly(path: str) -> None:
    """Ask the daemon something short, and have its answer. Raises OSError where the daemon goes
    before that."""
    client = Client(path)
    try:
        for byte in b"Content-Length:%d\n\n%b" % (len(REQUEST), REQUEST):
            client.socket.sendall(bytes([byte]))
            threading.Event().wait(PAUSE)
        answer = client.receive()
        if answer is None:
            raise ConnectionError("the daemon has gone")
        assert answer["id"] == 1, answer
        assert answer["result"]["pid"], answer
    finally:
        client.close()
