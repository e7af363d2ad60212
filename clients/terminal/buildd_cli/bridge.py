"""An editor's standard input and output, joined to the daemon; and to the next one, when that has
gone. The editor is told what it waits for in vain, and need not know any more of it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

from buildd.errors import BuilddError
from buildd.paths import log_path, socket_of_owner, socket_path
from buildd_cli.connection import Connection
from buildd_cli.conversation import INFO, REQUEST_CANCELLED, Conversation, shown
from buildd_cli.daemon import ANSWER_TIMEOUT, connect, open_socket
from buildd_cli.frames import Frame, Frames, framed
from buildd_cli.launch import reap
from buildd_cli.pumps import write_all

CHUNK = 1 << 20

PARTING = 5.0
"""Seconds that the daemon has for its last words once the editor has closed its side."""

TRIES = 3
"""How often in a row another daemon is looked for, before the user is told and the editor must
say something first."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 15.0
"""Seconds between two of them; twice as many each time."""

STEADY = 10.0
"""Seconds after which a daemon counts as one that works."""

LOOK = 1.0
"""Seconds between two looks whether somebody else has started one."""


class Bridge:
    """Made for the descriptors `source` and `target`, which are the editor's; `run` once."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._frames = Frames()
        """What the editor sends."""
        self._said = Conversation()
        self._connection: Connection | None = None
        """None while there is no daemon, or the next is still being told what it must know."""
        self._talking = threading.Lock()
        """Held to follow the conversation, and to send to the daemon."""
        self._writing = threading.Lock()
        self._wanted = threading.Event()
        """The editor has said something since the daemon has gone."""
        self._left = threading.Event()
        self._finished = threading.Event()
        self._failures = 0
        self._log = log_path()

    def run(self, connection: Connection) -> None:
        """Join them; return once the editor has left, or the daemon that it knows itself."""
        self._connection = connection
        for work in (self._listen, self._follow):
            threading.Thread(target=self._guarded, args=(work,), daemon=True).start()
        self._finished.wait()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ConnectionError:
            pass  # the editor has gone while it was told something
        finally:
            self._finished.set()

    # --- from the editor

    def _listen(self) -> None:
        try:
            while data := os.read(self._source, CHUNK):
                for frame in self._frames.feed(data):
                    self._hear(frame)
        except OSError:
            pass  # it has gone
        self._left.set()
        self._wanted.set()
        with self._talking:
            connection = self._connection
        if connection:
            try:
                connection.socket.shutdown(socket.SHUT_WR)
            except OSError:
                return  # that has gone as well
            self._finished.wait(PARTING)

    def _hear(self, frame: Frame) -> None:
        if frame.message.get("method") == "exit":
            self._left.set()
        with self._talking:
            is_for_daemon = self._said.heard(frame)
            if self._connection is None:
                self._answer(frame)
                self._wanted.set()
            elif is_for_daemon:
                try:
                    self._connection.socket.sendall(frame.raw)
                except OSError:
                    pass  # who reads from it finds that it has gone

    def _answer(self, frame: Frame) -> None:
        """What needs no daemon and is not to wait for one."""
        params = frame.message.get("params")
        match frame.message.get("method"):
            case "shutdown":
                self._write([framed({"id": frame.message.get("id"), "result": None})])
            case "$/cancelRequest" if isinstance(params, dict) and "id" in params:
                reason = "the request was cancelled"
                self._write(self._said.refuse(reason, REQUEST_CANCELLED, only=params["id"]))

    # --- from the daemon

    def _follow(self) -> None:
        connection = self._connection
        while connection:
            born = time.monotonic()
            self._pass_on(connection)
            connection.close()
            with self._talking:
                self._connection = None
                self._wanted.clear()
                if self._said.uses_methods or self._frames.is_lost:
                    return
                self._write(self._said.lost())
            self._failures = 0 if time.monotonic() - born > STEADY else self._failures + 1
            connection = self._find()
        # One that has said `shutdown` still says `exit`.
        self._left.wait()

    def _pass_on(self, connection: Connection) -> None:
        """Hand on what the daemon says, to its end."""
        frames = Frames()
        data = bytes(connection.unread)
        while True:
            found = frames.feed(data)
            with self._talking:
                for frame in found:
                    self._said.told(frame)
            self._write([frame.raw for frame in found])
            try:
                data = connection.socket.recv(CHUNK)
            except OSError:
                return
            if not data:
                return

    def _write(self, messages: list[bytes]) -> None:
        """Write to the editor."""
        with self._writing:
            write_all(self._target, b"".join(messages))

    # --- when it has gone

    def _find(self) -> Connection | None:
        """The next daemon, which has been told what it must know; None if the editor leaves."""
        reason = f"it ended again and again; its log {self._log} may say why"
        was_told = False
        while not (self._left.is_set() or self._said.is_over):
            if self._failures > TRIES:
                self._give_up(reason, was_told=was_told)
                was_told = True
            if self._failures > TRIES or _was_stopped():
                self._wait_until_wanted()
            pause = FIRST_PAUSE * 2 ** (self._failures - 1) if self._failures else 0
            if self._left.wait(min(pause, LONGEST_PAUSE)) or self._said.is_over:
                return None
            try:
                connection = self._join_next()
            except (BuilddError, OSError) as error:
                reason = str(error)
                self._failures += 1
            else:
                if was_told:
                    self._write([shown("the daemon is back", INFO)])
                return connection
        return None

    def _give_up(self, reason: str, *, was_told: bool) -> None:
        """Say so, to the user once, and to whoever waits for an answer."""
        text = f"the daemon has gone, and another cannot be had: {reason}"
        with self._talking:
            answers = self._said.refuse(text)
        self._write(answers if was_told else [*answers, shown(text)])

    def _wait_until_wanted(self) -> None:
        """Return once the editor has said something, or somebody else has started a daemon."""
        while not self._wanted.wait(LOOK):
            reap()
            try:
                found = open_socket()
            except BuilddError:
                continue
            if found:
                found.close()
                return
        self._wanted.clear()

    def _join_next(self) -> Connection:
        """Another daemon, started if there is none. Raises BuilddError, OSError."""
        connection = connect()
        try:
            # Should the editor speak, it waits meanwhile.
            with self._talking:
                self._repeat(connection)
                self._connection = connection
        except (BuilddError, OSError):
            connection.close()
            raise
        return connection

    def _repeat(self, connection: Connection) -> None:
        """Tell it what its predecessor knew."""
        greeting = self._said.greeting()
        if greeting is not None:
            connection.socket.settimeout(ANSWER_TIMEOUT)
            connection.request("initialize", **greeting)
            connection.socket.settimeout(None)
            self._write(self._said.cleared())
        for raw in self._said.replay():
            connection.socket.sendall(raw)


def _was_stopped() -> bool:
    """Whether the daemon was told to leave: it takes its socket away then. It is not for us to
    start another, before one is wanted."""
    try:
        # Perhaps it was one of another runtime directory.
        return not any(map(os.path.lexists, (socket_path(), socket_of_owner())))
    except BuilddError:
        return False
