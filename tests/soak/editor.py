"""A client that edits, as an editor without a screen; its messages are read as they come."""

from __future__ import annotations

import random
import socket
import threading
from typing import Any

from tests.support.client import Client
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles


class Editor:
    """One session on one project, whose messages are read all the time."""

    def __init__(self, daemon: Daemon, project: ProjectFiles) -> None:
        self.project = project
        self.shown: dict[str, list[Any]] = {}
        self._client = Client(daemon.socket_path)
        self._answers: dict[int, Any] = {}
        self._answered = threading.Condition()
        self._is_gone = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._request(
            "initialize",
            processId=None,
            rootUri=f"file://{project.path}",
            capabilities={"window": {"workDoneProgress": True}},
        )
        self._client.notify("initialized")

    def save(self, name: str, text: str) -> None:
        """Write a file of the project, and say so."""
        path = self.project.write(name, text)
        uri = f"file://{path}"
        self._client.notify("textDocument/didSave", textDocument={"uri": uri}, text=text)

    def run(self, task: str, *, chance: random.Random) -> None:
        """Run a task, or cancel it on the way."""
        number = self._client.start("buildd/run", project=self.project.path, task=task)
        if chance.random() < 0.5:
            threading.Event().wait(chance.random() * 0.2)
            self._client.notify("$/cancelRequest", id=number)
        self._wait(number)

    def leave(self) -> None:
        """Without a word."""
        # Not closed alone: that would wait for the reader, which waits for the daemon.
        self._client.socket.shutdown(socket.SHUT_RDWR)
        self._client.close()

    def _request(self, method: str, **params: Any) -> Any:
        return self._wait(self._client.start(method, **params))

    def _wait(self, number: int) -> Any:
        with self._answered:
            done = self._answered.wait_for(lambda: self._is_gone or number in self._answers, 120)
            if number in self._answers:
                return self._answers.pop(number)
        assert done, f"no answer in two minutes in {self.project.path}"
        raise ConnectionError("the daemon has gone")

    def _read(self) -> None:
        try:
            while (message := self._client.receive()) is not None:
                self._take(message)
        except (OSError, ValueError):
            pass
        finally:
            with self._answered:
                self._is_gone = True
                self._answered.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            with self._answered:
                self._answers[message["id"]] = message
                self._answered.notify_all()
        elif "id" in message:
            self._client.send({"id": message["id"], "result": None})
        elif message["method"] == "textDocument/publishDiagnostics":
            self.shown[message["params"]["uri"]] = message["params"]["diagnostics"]
