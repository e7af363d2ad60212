"""The directories of trials, in the state directory. Every function here blocks.

Each holds the copy of a project, a record of what was made for the trial, and a lock. A process
that can take the lock knows that the trial's own process is gone, and may remove what it left.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from buildd.base.atomic_write import replace_file
from buildd.base.file_lock import locked, try_lock
from buildd.base.json_file import read_json
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
        lock = try_lock(os.path.join(directory, "lock"))
    assert lock is not None  # noqa: S101 (no other process knows of it)
    try:
        yield directory
    finally:
        os.close(lock)


def abandoned() -> list[tuple[str, int]]:
    """Return the directories of trials whose process is gone, each with its lock, now held."""
    with _all_locked() as parent, os.scandir(parent) as entries:
        paths = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        locks = [(path, try_lock(os.path.join(path, "lock"))) for path in paths]
        return [(path, lock) for path, lock in locks if lock is not None]


def write_record(directory: str, made: Sequence[TrialEnvironment]) -> None:
    """Record what a trial is about to make."""
    path = os.path.join(directory, "environments.json")
    replace_file(path, msgspec.json.encode(made))


def read_record(directory: str) -> list[TrialEnvironment]:
    """Return what a trial has made, or was about to make."""
    try:
        return read_json(os.path.join(directory, "environments.json"), list[TrialEnvironment])
    except (OSError, ValueError):
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
    with locked(os.path.join(parent, "lock")):
        yield parent
