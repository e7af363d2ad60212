"""These tests connect to an engine that does not listen."""

from __future__ import annotations

import gc
import socket
import threading

import pytest

from buildd.engines.docker.client import client, engine_errors
from buildd.errors import NoEngineError
from tests.support.daemon import TIMEOUT


def test_a_socket_that_nobody_listens_on_is_closed(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unclosed one is a warning when it is collected, and warnings are errors here."""
    path = f"{directory}/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path)
        with pytest.raises(NoEngineError, match="Connection refused"), engine_errors():
            client().ping()
    gc.collect()


def test_an_engine_that_goes_takes_its_connections_along(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{directory}/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"ApiVersion": "1.41"}'
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(TIMEOUT)
        engine = threading.Thread(target=_answer_and_go, args=(listener, answer))
        engine.start()
        with pytest.raises(NoEngineError), engine_errors():
            client().containers.list()
        engine.join()
    gc.collect()


def _answer_and_go(listener: socket.socket, answer: bytes) -> None:
    """Answer the first request of the first connection; then neither it nor another is served."""
    connection, _ = listener.accept()
    listener.close()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)
        connection.recv(4096)
