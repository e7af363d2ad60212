"""This module writes the daemon's log: each line names its session and run, and hides secrets."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections import Counter
from contextvars import ContextVar

from buildd.paths import log_path

SIZE = 1 << 20
"""Size of the log file in bytes at which a new one begins; three older files are kept."""

SESSION: ContextVar[int] = ContextVar("session", default=0)
"""Number of the session that the current asyncio task works for, or 0."""

RUN: ContextVar[str] = ContextVar("run", default="")
"""Id of the run that the current asyncio task works for, or empty."""

COUNTS: Counter[str] = Counter()
"""Events since the daemon started: sessions, messages, runs by state, errors."""

_NAMED = r"\w*(?:secret|token|passw|passphrase|credential|api_?key|access_?key|private_?key)\w*"
_SECRET = re.compile(
    rf"(?P<name>\b{_NAMED}[\"']?\s*[=:]\s*[\"']?)[^\s\"',;]+"
    r"|(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?P<header>\bauthorization:\s*\w+\s+)\S+",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """Return the text with `***` in place of secrets.

    Secrets are the values of names such as `API_TOKEN`, the user and password in a URL, and the
    value of an Authorization header.
    """
    return _SECRET.sub(_mask, text)


def _mask(match: re.Match[str]) -> str:
    return f"{match['name'] or match['scheme'] or match['header']}***"


def is_secret(name: str) -> bool:
    """Return whether a variable's name suggests that its value is a secret."""
    return re.fullmatch(_NAMED, name, re.IGNORECASE) is not None


def start(level: str) -> None:
    """Log records of this level and above to the log file, and to stderr if that is a terminal."""
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(log_path(), maxBytes=SIZE, backupCount=3)
    ]
    if sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(_LineFormatter())
    handlers.append(_ErrorCounter(logging.ERROR))
    logging.basicConfig(level=level.upper(), handlers=handlers)
    # These libraries log every message, API call and file event in full.
    for name in ("pygls", "docker", "urllib3", "watchdog"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _ErrorCounter(logging.Handler):
    """Counts each record once.

    A formatter cannot do that: every handler formats a record, and a handler that rotates its file
    formats it twice.
    """

    def emit(self, record: logging.LogRecord) -> None:
        COUNTS["errors"] += 1


class _LineFormatter(logging.Formatter):
    """`2026-11-25 10:00:00,123 4711 INFO buildd.run session=3 run=0a1b2c3d: what happened`."""

    def format(self, record: logging.LogRecord) -> str:
        about = ""
        if session := SESSION.get():
            about += f" session={session}"
        if run := RUN.get():
            about += f" run={run}"
        time = self.formatTime(record)
        text = record.getMessage()
        if record.exc_info:
            text += f"\n{self.formatException(record.exc_info)}"
        return masked(f"{time} {record.process} {record.levelname} {record.name}{about}: {text}")
