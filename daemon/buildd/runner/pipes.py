"""This module makes and opens the named pipes of a run directory, which a container can write to.

Programs in the container could put links in place of pipes. So every name is resolved relative to
an open directory, links are not followed, and each opened file is checked to be a pipe.
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
"""Bytes read at once: few enough that one busy pipe does not delay the event loop."""

_TOKEN_SUFFIX = ".turn"  # noqa: S105 (not a password)
"""The end of the names of files that keep the token of the current runner."""

PIPE_SIZE = 1 << 20
"""Size of output pipes in bytes; the usual limit for unprivileged users (fcntl(2))."""


class RunDirectory:
    """An environment's run directory on the host, held open.

    It belongs to this user with mode 0700. With `shared`, every user in the container may use it;
    users of the host still cannot, because its parent directory is private.
    """

    def __init__(self, path: str, *, shared: bool = False) -> None:
        self.path = path
        os.makedirs(path, mode=0o700, exist_ok=True)
        self._others = 0o077 if shared else 0
        os.chmod(path, 0o700 | self._others)
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the directory's descriptor; its files stay."""
        os.close(self._fd)

    def make_directory(self, name: str) -> None:
        """Make a new directory in the run directory."""
        os.mkdir(name, 0o700, dir_fd=self._fd)
        self._share(name, self._fd)

    def make_pipe(self, name: str) -> None:
        """Make the pipe `name` (`a` or `a/b`), and replace an older one."""
        with self._parent(name) as (parent, leaf):
            with suppress(FileNotFoundError):
                os.unlink(leaf, dir_fd=parent)
            os.mkfifo(leaf, 0o600, dir_fd=parent)
            self._share(leaf, parent)

    def open_pipe(self, name: str, flags: int) -> int:
        """Open the pipe `name` without blocking, and return its descriptor.

        Raises EngineError if it is not a pipe, OSError if it cannot be opened.
        """
        with self._parent(name) as (parent, leaf):
            fd = os.open(leaf, flags | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            os.close(fd)
            raise EngineError(f"{self.path}/{name} is no longer a named pipe")
        return fd

    def write_file(self, name: str, data: bytes) -> None:
        """Write a new file. Raises FileExistsError if it exists."""
        with self._parent(name) as (parent, leaf):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(leaf, flags, 0o600, dir_fd=parent)
        with os.fdopen(fd, "wb") as file:
            os.fchmod(fd, 0o600 | self._others & 0o044)
            file.write(data)

    def replace_token(self, role: str, token: str) -> str:
        """Store the token of the new runner in a role, and return that of the one before.

        `role` is `supervisor` or `attached`. The result is empty if the runner before ended in
        order, or if its file does not contain a token.
        """
        name = f"{role}{_TOKEN_SUFFIX}"
        before = self._read_token(name)
        self.remove(name)
        self.write_file(name, token.encode())
        return before

    def remove_token(self, role: str) -> None:
        """Remove the token of a runner that has ended in order."""
        self.remove(f"{role}{_TOKEN_SUFFIX}")

    def _read_token(self, name: str) -> str:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(name, flags, dir_fd=self._fd)
            with os.fdopen(fd, "rb") as file:
                token = file.read(64).decode("ascii", "replace")
        except OSError:
            return ""
        return token if len(token) == 12 and set(token) <= set("0123456789abcdef") else ""

    def remove(self, name: str) -> None:
        """Remove the directory `name` with the plain files and pipes in it, or the file `name`.

        Failures are ignored: what else programs in the container made goes with the environment.
        """
        with suppress(OSError):
            try:
                with self._open_directory(name) as fd:
                    for leaf in os.listdir(fd):
                        os.unlink(leaf, dir_fd=fd)
                os.rmdir(name, dir_fd=self._fd)
            except NotADirectoryError:
                os.unlink(name, dir_fd=self._fd)

    def clear(self) -> None:
        """Remove all files of an earlier runner, except the tokens."""
        for name in os.listdir(self._fd):
            if not name.endswith(_TOKEN_SUFFIX):
                self.remove(name)

    def _share(self, leaf: str, parent: int) -> None:
        """Let every user in the container use a directory or pipe, if the directory is shared."""
        if not self._others:
            return
        # `chmod` by name would follow a link that a program in the container put there.
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
        """Open the directory that contains `name`; yield its descriptor and the last component."""
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


class PipeReader:
    """A pipe reader passes each piece of data from a non-blocking pipe to `on_data`.

    Once all writers have closed the pipe, or after `close()`, `ended` is set and `on_end` is
    called. A pipe that no writer has opened yet is not at its end: Linux reports the end only after
    a writer has closed it.
    """

    def __init__(
        self,
        fd: int,
        on_data: Callable[[bytes], None],
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
        if data:
            self._on_data(data)
        else:
            self.close()

    def drain(self) -> None:
        """Read the data that is in the pipe now, then close it."""
        # At most one pipe's capacity, because a process that keeps writing would never let us end.
        for _ in range(PIPE_SIZE // CHUNK):
            if self.ended.is_set():
                return
            try:
                data = os.read(self._fd, CHUNK)
            except OSError:
                break
            if not data:
                break
            self._on_data(data)
        self.close()

    def close(self) -> None:
        """Stop reading, and close the pipe. It is safe to call this twice."""
        if not self.ended.is_set():
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self.ended.set()
            self._on_end()


def widen(fd: int) -> None:
    """Ask the kernel for a pipe of PIPE_SIZE; if it refuses, the pipe is only slower."""
    with suppress(OSError):
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
