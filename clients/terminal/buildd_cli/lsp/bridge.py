"""Join an editor's standard input and output to the daemon, and to the next daemon when it ends.

The editor is told which of its requests will get no answer. It need not know about the restart.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

from buildd.errors import REQUEST_CANCELLED, BuilddError
from buildd.paths import log_path, socket_path
from buildd_cli.daemon.connection import Connection
from buildd_cli.daemon.launch import reap
from buildd_cli.daemon.lifecycle import ANSWER_TIMEOUT, connect, open_socket
from buildd_cli.execution.pipes import write_all
from buildd_cli.lsp.framing import Frame, FrameReader, encode
from buildd_cli.lsp.session_state import INFO, SessionState, show_message

CHUNK = 1 << 20
"""Bytes read at once."""

FAREWELL_TIMEOUT = 5.0
"""Seconds that the daemon has to send its last messages once the editor has closed its side."""

TRIES = 3
"""How often in a row we look for another daemon. After that we tell the user, and try again only
when the editor sends something."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 15.0
"""Seconds between two tries; each pause is twice as long as the one before."""

STEADY = 10.0
"""Seconds after which a connection counts as a good one."""

POLL_INTERVAL = 1.0
"""Seconds between two looks whether another client has started a daemon."""


class Bridge:
    """The bridge between an editor at the descriptors `source` and `target`, and the daemon.

    Call `run` once.
    """

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._reader = FrameReader()
        """Cuts what the editor sends into messages."""
        self._state = SessionState()
        self._connection: Connection | None = None
        """None while there is no daemon, or while a new one is still being initialized."""
        self._lock = threading.Lock()
        """Held while the session state changes, and while we send to the daemon."""
        self._write_lock = threading.Lock()
        self._wanted = threading.Event()
        """Set when the editor has sent something since the daemon ended."""
        self._left = threading.Event()
        """Set when the editor has said `exit` or closed its side."""
        self._finished = threading.Event()
        self._failures = 0
        self._log = log_path()

    def run(self, connection: Connection) -> None:
        """Relay messages until the editor leaves.

        If the editor reconnects by itself, this also returns when the daemon has ended.
        """
        self._connection = connection
        for work in (self._read_editor, self._follow_daemons):
            threading.Thread(target=self._guarded, args=(work,), daemon=True).start()
        self._finished.wait()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ConnectionError:
            pass  # the editor left while we were writing to it
        finally:
            self._finished.set()

    # --- from the editor

    def _read_editor(self) -> None:
        try:
            while data := os.read(self._source, CHUNK):
                for frame in self._reader.feed(data):
                    self._on_editor_message(frame)
        except OSError:
            pass  # the editor has left
        self._left.set()
        self._wanted.set()
        with self._lock:
            connection = self._connection
        if connection:
            try:
                connection.socket.shutdown(socket.SHUT_WR)
            except OSError:
                return  # the daemon has ended as well
            self._finished.wait(FAREWELL_TIMEOUT)

    def _on_editor_message(self, frame: Frame) -> None:
        if frame.message.get("method") == "exit":
            self._left.set()
        with self._lock:
            is_for_daemon = self._state.from_editor(frame)
            if self._connection is None:
                self._answer(frame)
                self._wanted.set()
            elif is_for_daemon:
                try:
                    self._connection.socket.sendall(frame.raw)
                except OSError:
                    pass  # the thread that reads from the daemon notices its end

    def _answer(self, frame: Frame) -> None:
        """Answer what needs no daemon and must not wait for one."""
        params = frame.message.get("params")
        match frame.message.get("method"):
            case "shutdown":
                self._write([encode({"id": frame.message.get("id"), "result": None})])
            case "$/cancelRequest" if isinstance(params, dict) and "id" in params:
                reason = "the request was cancelled"
                self._write(self._state.fail_requests(reason, REQUEST_CANCELLED, only=params["id"]))

    # --- from the daemon

    def _follow_daemons(self) -> None:
        """Relay what the daemon sends; when it ends, go on with the next one."""
        connection = self._connection
        while connection:
            connected_at = time.monotonic()
            self._relay_daemon(connection)
            connection.close()
            with self._lock:
                self._connection = None
                self._wanted.clear()
                if self._state.uses_methods or self._reader.is_lost:
                    return
                self._write(self._state.daemon_lost())
            is_steady = time.monotonic() - connected_at > STEADY
            self._failures = 0 if is_steady else self._failures + 1
            connection = self._find_daemon()
        # An editor that has sent `shutdown` still sends `exit`.
        self._left.wait()

    def _relay_daemon(self, connection: Connection) -> None:
        """Pass on what the daemon sends, until it ends."""
        reader = FrameReader()
        data = connection.unread.take_rest()
        while True:
            frames = reader.feed(data)
            with self._lock:
                for frame in frames:
                    self._state.from_daemon(frame)
            self._write([frame.raw for frame in frames])
            try:
                data = connection.socket.recv(CHUNK)
            except OSError:
                return
            if not data:
                return

    def _write(self, messages: list[bytes]) -> None:
        """Write to the editor."""
        with self._write_lock:
            write_all(self._target, b"".join(messages))

    # --- when the daemon has ended

    def _find_daemon(self) -> Connection | None:
        """Connect to the next daemon and initialize it. Returns None if the editor leaves."""
        reason = f"it ended several times in a row; its log {self._log} may say why"
        was_reported = False
        while not (self._left.is_set() or self._state.is_over):
            if self._failures > TRIES:
                self._report_failure(reason, was_reported=was_reported)
                was_reported = True
            if self._failures > TRIES or _was_stopped():
                self._wait_until_wanted()
            pause = FIRST_PAUSE * 2 ** (self._failures - 1) if self._failures else 0
            if self._left.wait(min(pause, LONGEST_PAUSE)) or self._state.is_over:
                return None
            try:
                connection = self._connect_next()
            except (BuilddError, OSError) as error:
                reason = str(error)
                self._failures += 1
            else:
                if was_reported:
                    self._write([show_message("connected to the daemon again", INFO)])
                return connection
        return None

    def _report_failure(self, reason: str, *, was_reported: bool) -> None:
        """Fail the requests that wait, and tell the user once."""
        text = f"the daemon has ended and cannot be started again: {reason}"
        with self._lock:
            answers = self._state.fail_requests(text)
        self._write(answers if was_reported else [*answers, show_message(text)])

    def _wait_until_wanted(self) -> None:
        """Return once the editor has sent something, or another client has started a daemon."""
        while not self._wanted.wait(POLL_INTERVAL):
            reap()
            try:
                found = open_socket()
            except BuilddError:
                continue
            if found:
                found.close()
                return
        self._wanted.clear()

    def _connect_next(self) -> Connection:
        """Connect to another daemon, started if there is none. Raises BuilddError, OSError."""
        connection = connect()
        try:
            # The editor's messages wait meanwhile.
            with self._lock:
                self._initialize(connection)
                self._connection = connection
        except (BuilddError, OSError):
            connection.close()
            raise
        return connection

    def _initialize(self, connection: Connection) -> None:
        """Tell a new daemon what the one before knew."""
        params = self._state.initialize_params()
        if params is not None:
            connection.socket.settimeout(ANSWER_TIMEOUT)
            connection.request("initialize", **params)
            connection.socket.settimeout(None)
            self._write(self._state.clear_diagnostics())
        for raw in self._state.replay():
            connection.socket.sendall(raw)


def _was_stopped() -> bool:
    """Return whether the daemon was told to stop: it removes its socket then.

    In that case we start no other daemon before the editor needs one.
    """
    try:
        return not os.path.lexists(socket_path())
    except BuilddError:
        return False
