"""A command attached through the engine (`docker exec`): the way where there is no better one."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

from buildd.engines import ProcessState
from buildd.engines.docker.client import client, in_thread, service, speaking_to

CHUNK = 1 << 16

_HEADER = 8
"""Bytes before each piece where there is no terminal: the stream, three zeros, the length."""


class DockerExec:
    """One command and its streams. Its methods block: each stream wants a thread."""

    def __init__(
        self, container: str, user: str, command: Sequence[str], *, terminal: bool
    ) -> None:
        self._service = service()
        api = client().api
        created = api.exec_create(container, list(command), user=user, stdin=True, tty=terminal)
        self._id = cast("str", created["Id"])
        self._terminal = terminal
        raw = cast("Any", api.exec_start(self._id, tty=terminal, socket=True))
        self._socket: socket.socket = raw._sock  # noqa: SLF001 (the SDK has no public way)
        self._socket.settimeout(None)
        # What came right behind the answer's headers waits in this reader, not in the socket.
        self._response = raw._response  # noqa: SLF001
        self._reader = self._response.raw._fp.fp  # noqa: SLF001

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """What it writes, as (1 or 2 for the stream, data), until both streams have ended."""
        with suppress(OSError, ValueError):
            while piece := self._piece():
                yield piece

    def write(self, data: bytes) -> None:
        """Give it input."""
        self._socket.sendall(data)

    def end_input(self) -> None:
        """It gets no more."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def disconnect(self) -> None:
        """End `pieces` and `write`, wherever they wait."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give it back, once nobody uses its streams any more."""
        self._response.close()
        self._socket.close()

    async def resize(self, rows: int, columns: int) -> None:
        """Give its terminal another size."""
        with speaking_to(self._service):
            await in_thread(lambda: client().api.exec_resize(self._id, rows, columns))

    async def inspect(self) -> ProcessState:
        """How it stands."""
        with speaking_to(self._service):
            return await in_thread(inspect, self._id)

    def _piece(self) -> tuple[int, bytes] | None:
        if self._terminal:
            data = self._reader.read1(CHUNK)
            return (1, data) if data else None
        header = self._reader.read(_HEADER)
        if len(header) < _HEADER:
            return None
        data = self._reader.read(int.from_bytes(header[4:], "big"))
        return (2 if header[0] == 2 else 1), data


def inspect(started: str) -> ProcessState:
    """How the exec with this id stands."""
    found = client().api.exec_inspect(started)
    return ProcessState(found.get("Pid") or 0, None if found["Running"] else found["ExitCode"])


async def attach(container: str, user: str, command: Sequence[str], terminal: bool) -> DockerExec:  # noqa: FBT001
    """Start a command attached to us. Raises EngineError."""

    return await in_thread(DockerExec, container, user, command, terminal=terminal)
