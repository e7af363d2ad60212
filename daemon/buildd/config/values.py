"""Values that need more than their type: sizes, times, names, paths, patterns. Pure."""

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

LEAST_MEMORY = 6 << 20
"""The engines refuse less."""

LONGEST_PATTERN = 256


class ValueProblemError(ValueError):
    """Says what is wrong with a value, and the remedy, in words that stand after its key."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


def parse_bytes(value: int | str) -> int:
    """`4g`, `512m`, `"4096k"`, 536870912 → bytes; units are powers of 1024."""
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
    """As `parse_bytes`; 0 is no limit."""
    size = parse_bytes(value)
    if 0 < size < LEAST_MEMORY:
        raise ValueProblemError(
            f"must be at least 6m, not {size} bytes", 'Write bytes, or "512m", "4g".'
        )
    return size


def check_capability(value: str) -> str:
    """`CAP_NET_ADMIN`, `net_admin` → `NET_ADMIN`."""
    name = value.upper().removeprefix("CAP_")
    if name not in CAPABILITIES:
        near = difflib.get_close_matches(name, CAPABILITIES, 1)
        raise ValueProblemError(
            f"must be a capability, not {quoted(value)}",
            f"Did you mean `{near[0]}`?" if near else "capabilities(7) lists them.",
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


def parse_seconds(value: float | str) -> float:
    """`150ms`, `2s`, `1m`, `8h`, 0.15 → seconds."""
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
    """The name of an environment, a task, a cache or an image."""
    if not _NAME.fullmatch(value):
        raise ValueProblemError(
            "cannot be a name",
            "Use up to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or a digit.",
        )
    return value


def check_variable(value: str) -> str:
    """The name of an environment variable."""
    if not _VARIABLE.fullmatch(value):
        raise ValueProblemError(
            "is not a name for an environment variable",
            "Use letters, digits and `_`, not beginning with a digit.",
        )
    return value


def check_text(value: str) -> str:
    """What a process is given: no NUL."""
    if "\0" in value:
        raise ValueProblemError("holds a NUL character", "No process can be given one.")
    return value


def check_image(value: str) -> str:
    """The name of an image, as the engine takes it."""
    if not _IMAGE.fullmatch(value):
        raise ValueProblemError(
            f"must be the name of an image, not {quoted(value)}", 'Write it as "golang:1.22".'
        )
    return value


def check_user(value: str) -> str:
    """Who runs commands: a word of ours, or a user of an image, by name or number."""
    if not _USER.fullmatch(value):
        raise ValueProblemError(
            f"must be a user, not {quoted(value)}", 'Write "host", "image", "root", or a name.'
        )
    return value


def inner_path(value: str) -> str:
    """A path below the project's directory; normalised."""
    path = posixpath.normpath(check_text(value))
    if posixpath.isabs(path) or path == "." or path.split("/")[0] == "..":
        raise ValueProblemError(
            f"must be a path below the project, not {quoted(value)}", 'Write it as "build/app".'
        )
    return path


def check_pattern(value: str) -> str:
    """A gitignore-style pattern."""
    if len(value) > LONGEST_PATTERN:
        raise ValueProblemError(
            f"must have at most {LONGEST_PATTERN} characters", "Write several patterns."
        )
    if not is_pattern(value):
        raise ValueProblemError(
            f"cannot be {quoted(value)}: it fits no file", 'Write a pattern as "**/*.go".'
        )
    return value
