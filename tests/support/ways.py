"""The ways in which there is a daemon to be talked to; what it says must be the same by each."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

from buildd.config.daemon_settings import settings
from buildd.server.listen import ListeningSocket, listen
from buildd.server.server import Server
from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))


class Bridged(Daemon):
    """A process too, but each client is the editor of a `buildd lsp` of its own, whose standard
    input and output are all that it has."""

    def __init__(self, runtime: str, state: str) -> None:
        super().__init__(runtime, state)
        self.bridges: list[subprocess.Popen[bytes]] = []

    def reach(self) -> Client:
        Client(self.socket_path).close()  # where there is none, a bridge would start one
        ours, theirs = socket.socketpair()
        with theirs:
            self.bridges.append(
                subprocess.Popen(
                    [EXECUTABLE, "lsp"],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.PIPE,
                    env=self.environment,
                    cwd="/",
                )
            )
        return Client(ours)

    def close(self) -> None:
        super().close()
        said = [bridge.communicate(timeout=TIMEOUT)[1] for bridge in self.bridges]
        assert set(said) <= {b""}
        assert not any(bridge.returncode for bridge in self.bridges)


class InProcess(Daemon):
    """The server in a thread of the test's own process. There a coroutine that nobody awaits, a
    call from the wrong thread, a file or a process that is left open: each fails the test."""

    def __init__(self, runtime: str, state: str) -> None:
        super().__init__(runtime, state)
        self._thread: threading.Thread | None = None
        self._variables = mock.patch.dict(os.environ)
        self._log = Failures(logging.ERROR)

    def start(self) -> None:
        self.wait()
        self._variables.start()
        os.environ.update(self.environment)
        logging.getLogger().addHandler(self._log)
        listening = listen()
        assert listening
        self._thread = threading.Thread(target=_serve, args=(listening,), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        if self._thread:
            self._thread.join(TIMEOUT)
            assert not self._thread.is_alive()
            self._thread = None
            logging.getLogger().removeHandler(self._log)
            self._variables.stop()

    def failures(self) -> list[str]:
        return self._log.seen


class Failures(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


WAYS: dict[str, type[Daemon]] = {"socket": Daemon, "lsp": Bridged, "in-process": InProcess}
"""By what the names of tests show."""


def _serve(listening: ListeningSocket) -> None:
    asyncio.run(Server(listening, settings(os.environ)[0]).run(), debug=True)
