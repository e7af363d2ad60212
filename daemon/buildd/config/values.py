"""This module checks values beyond their type: sizes, times, names, paths, patterns.

Everything here is pure. Each function returns the value, perhaps converted, or raises
ValueProblemError.
"""

from __future__ import annotations

import difflib
import math
import posixpath
import re

from buildd.base.globs import is_pattern
from buildd.base.printable import quoted

_SIZE = re.compile(r"(\d{1,18})\s*([kmgt]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")

MINIMUM_MEMORY = 6 << 20
"""Smallest memory limit in bytes that the engines accept."""

PATTERN_LIMIT = 256
"""Largest number of characters in a pattern."""

RESERVED_TARGETS = ("/run/buildd", "/var/lib/buildd")
"""The container's paths of the run directory and of the history of shells."""


class ValueProblemError(ValueError):
    """A value is not valid. The message continues after the name of its key."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


def parse_bytes(value: int | str) -> int:
    """Return a number of bytes from `4g`, `512m`, `"4096k"` or 536870912; units are 1024-based."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if not match:
            raise ValueProblemError(
                f"must be a size, not {quoted(value)}", 'Write bytes, or "512m", "4g".'
            )
        size = int(match[1]) << (10 * " kmgt".index(match[2].lower() or " "))
    else:
        size = value
    if not 0 <= size < 1 << 63:
        raise ValueProblemError(
            f"must be a size, not {size} bytes", 'Write bytes, or "512m", "4g".'
        )
    return size


def parse_memory(value: int | str) -> int:
    """Return a memory limit in bytes, as `parse_bytes` reads it; 0 means no limit."""
    size = parse_bytes(value)
    if 0 < size < MINIMUM_MEMORY:
        raise ValueProblemError(
            f"must be at least 6m, not {size} bytes", 'Write bytes, or "512m", "4g".'
        )
    return size


def check_capability(value: str) -> str:
    """Return the capability `NET_ADMIN` for `CAP_NET_ADMIN` or `net_admin`."""
    name = value.upper().removeprefix("CAP_")
    if name not in CAPABILITIES:
        close = difflib.get_close_matches(name, CAPABILITIES, 1)
        raise ValueProblemError(
            f"must be a capability, not {quoted(value)}",
            f"Did you mean `{close[0]}`?" if close else "capabilities(7) lists all.",
        )
    return name


_CAPABILITIES = """
    AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE
    DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN
    MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID
    SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE
    SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
"""
CAPABILITIES = frozenset(_CAPABILITIES.split())
"""The capabilities of Linux, from capabilities(7)."""


def parse_seconds(value: float | str) -> float:
    """Return a number of seconds from `150ms`, `2s`, `1m`, `8h` or 0.15."""
    if isinstance(value, str):
        match = _TIME.fullmatch(value.strip())
        if not match:
            raise ValueProblemError(
                f"must be a time, not {quoted(value)}",
                'Write "150ms", "2s", or a number of seconds.',
            )
        return float(match[1]) * _SECONDS[match[2]]
    if not math.isfinite(value) or value < 0:
        raise ValueProblemError(f"must be a time, not {value:g}", "Write a number of seconds.")
    return float(value)


def check_name(value: str) -> str:
    """Check the name of an environment, task, cache or image."""
    if not _NAME.fullmatch(value):
        raise ValueProblemError(
            "is not a valid name",
            "Use up to 64 letters, digits, `.`, `_` and `-`; begin with a letter or a digit.",
        )
    return value


def check_variable(value: str) -> str:
    """Check the name of an environment variable."""
    if not _VARIABLE.fullmatch(value):
        raise ValueProblemError(
            "is not a valid name of an environment variable",
            "Use letters, digits and `_`; do not begin with a digit.",
        )
    return value


def check_text(value: str) -> str:
    """Check that a text for a process contains no NUL."""
    if "\0" in value:
        raise ValueProblemError(
            "contains a NUL character", "Remove it: a process cannot receive one."
        )
    return value


def check_image(value: str) -> str:
    """Check the name of an image."""
    if not _IMAGE.fullmatch(value):
        raise ValueProblemError(
            f"must be the name of an image, not {quoted(value)}", 'An example is "golang:1.22".'
        )
    return value


def check_user(value: str) -> str:
    """Check the user who runs commands: `host`, `image`, `root`, or a name or number."""
    if not _USER.fullmatch(value):
        raise ValueProblemError(
            f"must be a user, not {quoted(value)}", 'Write "host", "image", "root", or a name.'
        )
    return value


def container_path(value: str) -> str:
    """Return a normalised absolute path in the container, except its root and buildd's own."""
    if not value.startswith("/"):
        raise ValueProblemError(
            f"must be an absolute path in the container, not {quoted(value)}", "Begin it with `/`."
        )
    path = posixpath.normpath("/" + check_text(value).lstrip("/"))
    if path == "/":
        raise ValueProblemError("cannot be the container's root", "Choose a directory below it.")
    if any(path == target or path.startswith(f"{target}/") for target in RESERVED_TARGETS):
        raise ValueProblemError(
            f"cannot be {path}, where buildd keeps its own files", "Choose another path."
        )
    return path


def inner_path(value: str) -> str:
    """Return a normalised path below the project's directory."""
    path = posixpath.normpath(check_text(value))
    if posixpath.isabs(path) or path == "." or path.split("/")[0] == "..":
        raise ValueProblemError(
            f"must be a path below the project, not {quoted(value)}", 'An example is "build/app".'
        )
    return path


def check_pattern(value: str) -> str:
    """Check a gitignore-style pattern."""
    if len(value) > PATTERN_LIMIT:
        raise ValueProblemError(
            f"must have at most {PATTERN_LIMIT} characters", "Write several patterns."
        )
    if not is_pattern(value):
        raise ValueProblemError(
            f"cannot be {quoted(value)}: it matches no file", 'An example is "**/*.go".'
        )
    return value
