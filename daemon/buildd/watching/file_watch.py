"""Watches files and directory trees for changes. Only this module imports watchdog."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import Callable
from typing import Any, TypeVar

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventEmitter, ObservedWatch

from buildd.base.containment import is_below
from buildd.files.mount_table import mounted
from buildd.watching.change_collector import ChangeCollector, ChangedFile

T = TypeVar("T")


def _is_failure(record: logging.LogRecord) -> bool:
    """Whether it is a real failure, and not an event that came while the watching ended."""
    return "called when the thread is inactive" not in record.getMessage()


logging.getLogger("watchdog.observers.inotify").addFilter(_is_failure)


class FileWatch:
    """Calls `on_change(key)` on the event loop when one of the files followed under `key` changes.

    Directories are watched, not files: editors save by renaming another file over the old one.
    """

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._observer = Observer()
        self._observer.daemon = True
        self._observer.start()
        self._followed: dict[str, frozenset[str]] = {}
        self._watches: dict[str, ObservedWatch] = {}

    def follow(self, key: str, files: frozenset[str]) -> None:
        """Follow exactly these files under `key`.

        Blocks a little. Raises OSError if the system has no watches left.
        """
        self._followed[key] = files
        wanted = {os.path.dirname(file) for group in self._followed.values() for file in group}
        for directory in self._watches.keys() - wanted:
            self._observer.unschedule(self._watches.pop(directory))
        for directory in wanted - self._watches.keys():
            if os.path.isdir(directory):
                self._watches[directory] = self._observer.schedule(_Handler(self), directory)

    def close(self) -> None:
        """Stop watching. Blocks until the watching thread has ended."""
        self._observer.stop()
        self._observer.join()

    def changed(self, path: str) -> None:
        """Tell that a file has changed; called on watchdog's thread."""
        for key, files in list(self._followed.items()):
            if path in files:
                self._loop.call_soon_threadsafe(self._on_change, key)


class TreeWatch:
    """Watches the directory tree at `root`, except what git ignores.

    On the event loop, `on_change` is called with the files that were written, moved or removed. If
    the system cannot report all changes, the tree is scanned every few seconds instead, and
    `on_poll` is called once with the reason.
    """

    def __init__(
        self,
        root: str,
        on_change: Callable[[list[ChangedFile]], object],
        on_poll: Callable[[str], None],
    ) -> None:
        self._root = root
        self._on_change = on_change
        self._on_poll = on_poll
        self._polls = False
        self._loop = asyncio.get_running_loop()
        self._changes = ChangeCollector(root, lambda seen: self._call(self._on_change, seen))
        self._observer: BaseObserver | None = None

    def start(self) -> None:
        """Begin. Blocks while the tree is scanned."""
        kind = file_system(self._root)
        if kind in _CHANGED_ELSEWHERE:
            self._poll(f"{kind} does not report changes that are made elsewhere")
        else:
            try:
                self._observe()
            except OSError as error:
                self._poll(f"the system can watch no more ({error.strerror})")
        self._changes.start()

    def close(self) -> None:
        """Stop watching. Blocks until the watching threads have ended."""
        if self._observer:
            self._observer.stop()
            if self._observer.is_alive():
                self._observer.join()
        self._changes.close()

    def _observe(self) -> None:
        observer = Observer()
        observer.daemon = True
        observer.schedule(_TreeHandler(self._changes), self._root, recursive=True)
        _when_exhausted(observer, lambda: self._poll("the system can watch no more directories"))
        try:
            observer.start()
        except BaseException:
            observer.stop()
            raise
        self._observer = observer
        for emitter in observer.emitters:
            _when_overflowing(emitter, self._changes.lost)

    def _poll(self, reason: str) -> None:
        if not self._polls:
            self._polls = True
            self._changes.poll()
            self._call(self._on_poll, reason)

    def _call(self, function: Callable[[T], object], value: T) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop has ended
            self._loop.call_soon_threadsafe(function, value)


class _TreeHandler(FileSystemEventHandler):
    """Passes events on. It runs on watchdog's thread, which must not fall behind."""

    def __init__(self, changes: ChangeCollector) -> None:
        self._changes = changes

    def on_any_event(self, event: FileSystemEvent) -> None:
        kind = event.event_type
        if kind in _READING:
            return
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        for path in paths:
            if event.is_directory:
                if kind in _FOLDER_CHANGES:
                    self._changes.folder(path)
            elif kind in _CERTAIN:
                self._changes.certain(path)
            else:
                self._changes.uncertain(path, is_new=kind == "created")


_READING = {"opened", "closed_no_write"}
_FOLDER_CHANGES = {"created", "moved", "deleted"}
_CERTAIN = {"closed", "moved", "deleted"}

_CHANGED_ELSEWHERE = {
    *("9p", "afs", "cifs", "nfs", "nfs4", "smb3", "vboxsf", "virtiofs"),
    *("fuse.grpcfuse", "fuse.osxfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
}
"""File systems that other machines change too, which this system does not report."""


def file_system(path: str) -> str:
    """Return the kind of file system that holds the path, as the mount table names it.

    Empty if there is no mount table.
    """
    found, kind = "", ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            for mount in mounted(file):
                if len(mount.target) >= len(found) and is_below(path, mount.target):
                    found, kind = mount.target, mount.kind
    except OSError:
        return ""
    return kind


def _when_exhausted(observer: BaseObserver, call: Callable[[], None]) -> None:
    """Have `call` called when a directory cannot be watched because no watches are left.

    For directories below the root, watchdog itself does not report that.
    """
    system: Any = getattr(observer, "_inotify_fd", None)
    if system is None:
        return  # another system, which has no limit on watches
    add = system.add_callback

    def adding(*arguments: object) -> object:
        try:
            return add(*arguments)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                call()
            raise

    system.add_callback = adding


def _when_overflowing(emitter: EventEmitter, call: Callable[[], None]) -> None:
    """Have `call` called when the system has dropped events; watchdog itself only logs that."""
    group: Any = getattr(emitter, "_inotify", None)
    if group is None:
        return  # another system, which drops nothing
    original = group.on_queue_overflow

    def overflowed() -> None:
        original()
        call()

    group.on_queue_overflow = overflowed


class _Handler(FileSystemEventHandler):
    def __init__(self, watch: FileWatch) -> None:
        self._watch = watch

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Reading a file is no change, and buildd reads them itself.
        if event.event_type not in ("opened", "closed_no_write"):
            for path in (event.src_path, event.dest_path):
                if path:
                    self._watch.changed(os.fsdecode(path))
