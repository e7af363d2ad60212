"""This module runs a command attached through the engine's API, as `docker exec` does."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

from buildd.engines import ProcessState
from buildd.engines.docker.client import client, in_thread, service, use_service

CHUNK = 1 << 16
"""Bytes that are read at once from a terminal."""

_HEADER = 8
"""Bytes of the header before each frame without a terminal: stream, three zeros, length (4)."""


class DockerExec:
    """A command with its streams; an `Attachment`.

    Its methods block: use a thread for each stream.
    """

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
        # Output that arrived together with the response's headers is in this reader's buffer, not
        # in the socket.
        self._response = raw._response  # noqa: SLF001
        self._reader = self._response.raw._fp.fp  # noqa: SLF001

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield the output as (1 or 2 for the stream, data) until both streams have ended."""
        with suppress(OSError, ValueError):
            while piece := self._piece():
                yield piece

    def write(self, data: bytes) -> None:
        """Send input to the command."""
        self._socket.sendall(data)

    def end_input(self) -> None:
        """Close the command's standard input."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def disconnect(self) -> None:
        """End `pieces` and `write`, wherever they wait."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Release the connection, after `pieces` and `write` have returned."""
        self._response.close()
        self._socket.close()

    async def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal a new size."""
        with use_service(self._service):
            await in_thread(lambda: client().api.exec_resize(self._id, rows, columns))

    async def inspect(self) -> ProcessState:
        """Return the state of the command."""
        with use_service(self._service):
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


def inspect(exec_id: str) -> ProcessState:
    """Return the state of the exec with this id. It blocks."""
    row = client().api.exec_inspect(exec_id)
    return ProcessState(row.get("Pid") or 0, None if row["Running"] else row["ExitCode"])


async def attach(container: str, user: str, command: Sequence[str], terminal: bool) -> DockerExec:  # noqa: FBT001
    """Start a command attached to the daemon, perhaps in a terminal. Raises EngineError."""
    return await in_thread(DockerExec, container, user, command, terminal=terminal)
