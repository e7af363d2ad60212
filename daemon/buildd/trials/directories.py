"""The directories of trials, in the state directory. Every function here blocks.

Each holds the copy of a project, a record of what was made for the trial, and a lock. A process
that can take the lock knows that the trial's own process is gone, and may remove what it left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from buildd.model import EngineName, Frozen
from buildd.paths import private_dir, state_dir


class TrialEnvironment(Frozen, frozen=True):
    """An environment of a trial. With `is_copy`, it sees only a copy of the project."""

    engine: EngineName
    project: str
    environment: str
    is_copy: bool = False


@contextmanager
def new_directory() -> Iterator[str]:
    """Make the directory of a new trial, and lock it as long as the context lasts.

    Its name is the trial's id.
    """
    with _all_locked() as parent:
        directory = private_dir(os.path.join(parent, secrets.token_hex(4)))
        lock = _lock(directory)
    assert lock is not None  # noqa: S101 (no other process knows of it)
    try:
        yield directory
    finally:
        os.close(lock)


def abandoned() -> list[tuple[str, int]]:
    """Return the directories of trials whose process is gone, each with its lock, now held."""
    with _all_locked() as parent, os.scandir(parent) as entries:
        paths = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        return [(path, lock) for path in paths if (lock := _lock(path)) is not None]


def write_record(directory: str, made: Sequence[TrialEnvironment]) -> None:
    """Record what a trial is about to make."""
    path = os.path.join(directory, "environments.json")
    with open(f"{path}.new", "wb") as file:
        file.write(msgspec.json.encode(made))
    os.replace(f"{path}.new", path)


def read_record(directory: str) -> list[TrialEnvironment]:
    """Return what a trial has made, or was about to make."""
    try:
        with open(os.path.join(directory, "environments.json"), "rb") as file:
            return msgspec.json.decode(file.read(), type=list[TrialEnvironment])
    except (OSError, msgspec.MsgspecError):
        return []  # the trial ended before it made anything


def remove(directory: str) -> None:
    """Remove a directory of a trial, also what a build made read-only in it."""
    for folder, folders, _ in os.walk(directory):
        for name in folders:
            path = os.path.join(folder, name)
            if not os.path.islink(path) and not os.access(path, os.W_OK | os.X_OK):
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)
    shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _all_locked() -> Iterator[str]:
    """Give the directory above them all.

    Meanwhile no other process makes a trial's directory or looks for one, because a new one is not
    locked at once.
    """
    parent = private_dir(os.path.join(state_dir(), "trials"))
    lock = os.open(os.path.join(parent, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield parent
    finally:
        os.close(lock)


def _lock(directory: str) -> int | None:
    """Take the trial's lock; None if another process has it."""
    lock = os.open(os.path.join(directory, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
