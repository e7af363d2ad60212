"""The daemon's log: which session and run a line is about, and no secret in any of them."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections import Counter
from contextvars import ContextVar

from buildd.base.masking import masked
from buildd.paths import log_path

SIZE = 1 << 20
"""Bytes of one part of the log; three older parts are kept."""

SESSION: ContextVar[int] = ContextVar("session", default=0)
RUN: ContextVar[str] = ContextVar("run", default="")
"""What the code at work is about, inherited by the tasks that it starts."""

COUNTS: Counter[str] = Counter()
"""What the daemon has done since its start: sessions, messages, runs by their end, errors."""


def start(level: str) -> None:
    """Log to the file, and to the terminal where there is one: what has this level or a higher
    one."""
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(log_path(), maxBytes=SIZE, backupCount=3)
    ]
    if sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(_Lines())
    handlers.append(_ErrorCounter(logging.ERROR))
    logging.basicConfig(level=level.upper(), handlers=handlers)
    # They log every message, call and file event in full.
    for name in ("pygls", "docker", "urllib3", "watchdog"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _ErrorCounter(logging.Handler):
    """Counts each record once. A formatter cannot: every handler formats a record for itself, and
    one that rotates its file formats it twice."""

    def emit(self, record: logging.LogRecord) -> None:
        COUNTS["errors"] += 1


class _Lines(logging.Formatter):
    """`2026-11-25 10:00:00,123 4711 INFO buildd.run session=3 run=0a1b2c3d: what happened`."""

    def format(self, record: logging.LogRecord) -> str:
        about = ""
        if session := SESSION.get():
            about += f" session={session}"
        if run := RUN.get():
            about += f" run={run}"
        time = self.formatTime(record)
        said = record.getMessage()
        if record.exc_info:
            said += f"\n{self.formatException(record.exc_info)}"
        return masked(f"{time} {record.process} {record.levelname} {record.name}{about}: {said}")
