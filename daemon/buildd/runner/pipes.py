"""Named pipes of a run directory, made and opened so that nobody inside can lead us elsewhere.

What runs in the container may write to its run directory. So every name is used relative to an
open directory, links are not followed, and what is opened is checked to be a pipe.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from buildd.errors import EngineError

CHUNK = 1 << 16
"""Bytes read at once: small enough that one busy pipe does not hold up the event loop."""

_TURN = ".turn"
"""How the files end in which a token is left to the next one."""

PIPE_SIZE = 1 << 20
"""Capacity asked of the kernel for output pipes; an unprivileged user's usual limit."""


class RunDirectory:
    """An environment's run directory on the host, held open. Mode 0700, ours; `shared` opens it
    to every user inside, while the directory above it stays closed to those outside."""

    def __init__(self, path: str, *, shared: bool = False) -> None:
        self.path = path
        os.makedirs(path, mode=0o700, exist_ok=True)
        self._others = 0o077 if shared else 0
        os.chmod(path, 0o700 | self._others)
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def close(self) -> None:
        os.close(self._fd)

    def make_directory(self, name: str) -> None:
        os.mkdir(name, 0o700, dir_fd=self._fd)
        self._open_up(name, self._fd)

    def make_pipe(self, name: str) -> None:
        """Make the pipe `name` anew (`a` or `a/b`)."""
        with self._parent(name) as (parent, leaf):
            with suppress(FileNotFoundError):
                os.unlink(leaf, dir_fd=parent)
            os.mkfifo(leaf, 0o600, dir_fd=parent)
            self._open_up(leaf, parent)

    def open_pipe(self, name: str, flags: int) -> int:
        """Open the pipe `name` without blocking; raises EngineError if it is no pipe."""
        with self._parent(name) as (parent, leaf):
            fd = os.open(leaf, flags | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            os.close(fd)
            raise EngineError(f"{self.path}/{name} is not a named pipe any more")
        return fd

    def write_file(self, name: str, data: bytes) -> None:
        """Write a new file; an existing one is an error."""
        with self._parent(name) as (parent, leaf):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(leaf, flags, 0o600, dir_fd=parent)
        with os.fdopen(fd, "wb") as file:
            os.fchmod(fd, 0o600 | self._others & 0o044)
            file.write(data)

    def take_turn(self, of: str, token: str) -> str:
        """Leave `token` to who takes the next turn at being `of`; what the one before left: empty
        if it ended in order, or if that is not a token any more."""
        name = f"{of}{_TURN}"
        before = self._read_token(name)
        self.remove(name)
        self.write_file(name, token.encode())
        return before

    def end_turn(self, of: str) -> None:
        """Nothing is left to clean up."""
        self.remove(f"{of}{_TURN}")

    def _read_token(self, name: str) -> str:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(name, flags, dir_fd=self._fd)
            with os.fdopen(fd, "rb") as file:
                found = file.read(64).decode("ascii", "replace")
        except OSError:
            return ""
        return found if len(found) == 12 and set(found) <= set("0123456789abcdef") else ""

    def remove(self, name: str) -> None:
        """Remove the directory `name` with the plain files and pipes in it, or the file `name`."""
        # What somebody inside made odd stays, and goes with the environment.
        with suppress(OSError):
            try:
                with self._open_directory(name) as fd:
                    for leaf in os.listdir(fd):
                        os.unlink(leaf, dir_fd=fd)
                os.rmdir(name, dir_fd=self._fd)
            except NotADirectoryError:
                os.unlink(name, dir_fd=self._fd)

    def clear(self) -> None:
        """Remove what an earlier daemon left, all but its turns."""
        for name in os.listdir(self._fd):
            if not name.endswith(_TURN):
                self.remove(name)

    def _open_up(self, leaf: str, parent: int) -> None:
        if not self._others:
            return
        # Not by name: whoever is inside could have put a link in its place.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(leaf, flags, dir_fd=parent)
        try:
            mode = os.fstat(fd).st_mode
            if stat.S_ISDIR(mode) or stat.S_ISFIFO(mode):
                os.fchmod(fd, 0o777 if stat.S_ISDIR(mode) else 0o666)
        finally:
            os.close(fd)

    @contextmanager
    def _parent(self, name: str) -> Iterator[tuple[int, str]]:
        """The open directory that holds `name`, and the last part of it."""
        folder, _, leaf = name.rpartition("/")
        if not folder:
            yield self._fd, leaf
            return
        with self._open_directory(folder) as fd:
            yield fd, leaf

    @contextmanager
    def _open_directory(self, name: str) -> Iterator[int]:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(name, flags, dir_fd=self._fd)
        try:
            yield fd
        finally:
            os.close(fd)


OnData = Callable[[bytes], "asyncio.Future[None] | None"]
"""Takes a piece of data; may return what is done once there is room for more."""


class PipeReader:
    """Hands each piece that arrives on an open, non-blocking pipe to `on_data`; once every writer
    has gone, or on `close()`, `ended` is set and `on_end` called. If `on_data` returns a future,
    no more is read before that is done.

    A pipe that nobody has opened for writing yet is not at its end: Linux reports that only after
    a writer has come and gone.
    """

    def __init__(
        self,
        fd: int,
        on_data: OnData,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.ended = asyncio.Event()
        self._on_end = on_end
        self._fd = fd
        self._on_data = on_data
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        elif busy := self._on_data(data):
            self._loop.remove_reader(self._fd)
            busy.add_done_callback(self._resume)

    def _resume(self, _: asyncio.Future[None]) -> None:
        if not self.ended.is_set():
            self._loop.add_reader(self._fd, self._read)

    def drain(self) -> bool:
        """Read what is there now, then close; return whether someone may still write."""
        is_held = True
        # No more than a pipe holds: who still writes into it would keep us here.
        for _ in range(PIPE_SIZE // CHUNK + 1):
            if self.ended.is_set():
                return False
            try:
                data = os.read(self._fd, CHUNK)
            except OSError:
                break
            if not data:
                is_held = False
                break
            self._on_data(data)
        self.close()
        return is_held

    def close(self) -> None:
        if not self.ended.is_set():
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self.ended.set()
            self._on_end()


def widen(fd: int) -> None:
    """Ask for a larger pipe; the kernel may refuse, which costs speed only."""
    with suppress(OSError):
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
