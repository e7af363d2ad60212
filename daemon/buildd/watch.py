"""Watching files and trees for changes; the only place that imports watchdog."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from buildd.ignored import Ignored


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
        """Follow exactly these files under `key`. Blocks a little; raises OSError if the system's
        watches have run out."""
        self._followed[key] = files
        wanted = {os.path.dirname(file) for group in self._followed.values() for file in group}
        for directory in self._watches.keys() - wanted:
            self._observer.unschedule(self._watches.pop(directory))
        for directory in wanted - self._watches.keys():
            if os.path.isdir(directory):
                self._watches[directory] = self._observer.schedule(_Handler(self), directory)

    def close(self) -> None:
        """Stop watching. Blocks until the watching thread has gone."""
        self._observer.stop()
        self._observer.join()

    def changed(self, path: str) -> None:
        """Called on watchdog's thread."""
        for key, files in list(self._followed.items()):
            if path in files:
                self._loop.call_soon_threadsafe(self._on_change, key)


class TreeWatch:
    """Calls `on_change(path, born)` on the event loop for each file below `root` that is written,
    moved or removed, but for what git ignores. `born` is when it came to be (seconds since the
    epoch), 0 if it was there before the watching."""

    def __init__(self, root: str, on_change: Callable[[str, float], None]) -> None:
        self._root = root
        self._on_change = on_change
        self._ignored = Ignored(root)
        self._loop = asyncio.get_running_loop()
        self._observer = Observer()
        self._observer.daemon = True
        self._born: dict[str, float] = {}

    def start(self) -> None:
        """Begin. Blocks while the directories are gone through; raises OSError if the system's
        watches have run out."""
        self._observer.schedule(_TreeHandler(self), self._root, recursive=True)
        self._observer.start()

    def close(self) -> None:
        """Stop watching. Blocks until the watching thread has gone."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()

    def created(self, path: str) -> None:
        """Called on watchdog's thread."""
        if not self._ignored.covers(path):
            self._born[path] = time.time()

    def changed(self, path: str, *, is_gone: bool) -> None:
        """Called on watchdog's thread."""
        if not self._ignored.covers(path):
            born = self._born.pop(path, 0.0) if is_gone else self._born.get(path, 0.0)
            self._loop.call_soon_threadsafe(self._on_change, path, born)


class _TreeHandler(FileSystemEventHandler):
    def __init__(self, watch: TreeWatch) -> None:
        self._watch = watch

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory:
            return
        if event.event_type == "created":
            self._watch.created(os.fsdecode(event.src_path))
        # `closed`: after writing. Where the system does not tell, `modified` must do.
        if event.event_type in _WRITTEN:
            is_gone = event.event_type in ("moved", "deleted")
            self._watch.changed(os.fsdecode(event.src_path), is_gone=is_gone)
            if event.dest_path:
                self._watch.changed(os.fsdecode(event.dest_path), is_gone=False)


_WRITTEN = {"closed", "moved", "deleted"}
if sys.platform != "linux":
    _WRITTEN |= {"created", "modified"}


class _Handler(FileSystemEventHandler):
    def __init__(self, watch: FileWatch) -> None:
        self._watch = watch

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Reading a file is no change of it, and we read them ourselves.
        if event.event_type not in ("opened", "closed_no_write"):
            for path in (event.src_path, event.dest_path):
                if path:
                    self._watch.changed(os.fsdecode(path))
