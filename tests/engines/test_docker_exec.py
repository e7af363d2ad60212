"""These tests read an attached exec in pieces of all sizes.

They use a fake engine, because a real one cannot be told how to cut its output.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Sequence

import pytest

from buildd.engines.docker import client as sdk
from buildd.engines.docker.attached_exec import DockerExec
from buildd.errors import EngineError

HEAD = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


class FakeEngine:
    """Answers the requests of an exec, and sends these pieces one by one after its start."""

    def __init__(self, path: str, pieces: Sequence[bytes], *, silent: bool = False) -> None:
        self._pieces = pieces
        self._silent = silent
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for connection in self._connections:
            connection.close()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as requests:
            while line := requests.readline():
                length = 0
                while (header := requests.readline().strip()) != b"":
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                requests.read(length)
                if self._silent and b"/version" not in line:
                    continue
                if b"/start" in line:
                    for piece in self._pieces:
                        connection.sendall(piece)
                    return
                body = json.dumps({"Id": "x", "ApiVersion": "1.41"}).encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
                connection.sendall(body)


@pytest.fixture
def fake(
    request: pytest.FixtureRequest, directory: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    made = FakeEngine(f"{directory}/engine", **request.param)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{directory}/engine")
    monkeypatch.setattr(sdk, "_local", threading.local())
    yield
    for client in sdk._local.__dict__.get("clients", {}).values():
        client.close()
    made.close()


OUTPUT = frame(1, b"out\n") + frame(2, b"err\n") + frame(1, b"") + frame(1, b"more")

CUTS = {
    "headers and all frames in one segment": [HEAD + OUTPUT],
    "headers and the first frame in one segment": [HEAD + OUTPUT[:12], OUTPUT[12:]],
    "headers alone": [HEAD, OUTPUT],
    "one byte at a time": [HEAD, *(bytes([byte]) for byte in OUTPUT)],
    "cut in a frame's header": [HEAD + OUTPUT[:3], OUTPUT[3:15], OUTPUT[15:]],
}


@pytest.mark.parametrize(
    "fake", [{"pieces": pieces} for pieces in CUTS.values()], ids=list(CUTS), indirect=True
)
def test_frames_arrive_whole(fake: None) -> None:
    """Check the promises 13 and 14; an empty frame is not the end."""
    started = DockerExec("c", "", ["x"], terminal=False)
    pieces = list(started.pieces())
    started.close()
    assert [piece for piece in pieces if piece[1]] == [(1, b"out\n"), (2, b"err\n"), (1, b"more")]


@pytest.mark.parametrize("fake", [{"pieces": [HEAD + OUTPUT[:-2]]}], indirect=True)
def test_a_broken_stream_gives_the_data_that_arrived(fake: None) -> None:
    started = DockerExec("c", "", ["x"], terminal=False)
    output = b"".join(data for _, data in started.pieces())
    started.close()
    assert output == b"out\nerr\nmo"


@pytest.mark.parametrize("fake", [{"pieces": [], "silent": True}], indirect=True)
def test_an_engine_that_never_answers_is_an_error(
    fake: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check the promise 20 with an engine that is silent."""
    engine = sdk.client(timeout=1)
    monkeypatch.setattr("buildd.engines.docker.attached_exec.client", lambda: engine)
    with (
        pytest.raises(EngineError, match="does not answer") as caught,
        sdk.engine_errors(),
    ):
        DockerExec("c", "", ["x"], terminal=False)
    assert "docker info" in caught.value.remedy
