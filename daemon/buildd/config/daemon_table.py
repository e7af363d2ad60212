"""This module defines the table `[daemon]` of the user's config.toml, and its variables."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from buildd.base.printable import quoted
from buildd.config.section import Section
from buildd.config.values import ValueProblemError, parse_seconds


class LogLevel(enum.StrEnum):
    """The lowest level of the records in the daemon's log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


Value = float | LogLevel
"""A number of seconds, a count, or a level."""


def _key(description: str, *examples: str | int) -> msgspec.Meta:
    return msgspec.Meta(description=description, examples=list(examples))


class DaemonTable(
    msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True
):
    """The table as written; a key that is absent has the default of `SETTINGS`."""

    idle_timeout: Annotated[
        str | float | UnsetType,
        _key(
            "How long the daemon waits before it exits, when no client is connected, nothing runs "
            "and its containers are stopped: a time such as `45s`, `30m` or `8h`, or seconds; `0` "
            "means that it does not exit. Default: `30m`.",
            *("30m", "8h"),
        ),
    ] = UNSET
    idle_stop: Annotated[
        str | float | UnsetType,
        _key(
            "How long a container stays warm without a run or a shell before it is stopped: a time "
            "such as `45s`, `30m` or `8h`, or seconds; `0` means that it is not stopped. Default: "
            "`30m`.",
            *("30m", "8h"),
        ),
    ] = UNSET
    max_warm: Annotated[
        int | UnsetType,
        _key(
            "The largest number of warm containers, over all projects. The least recently used are "
            "stopped first. `0` means no limit. Default: `8`.",
            *(8, 0),
        ),
    ] = UNSET
    max_runs: Annotated[
        int | UnsetType,
        _key(
            "The largest number of tasks that run at the same time, over all projects. Default: "
            "the number of processors, but at least 2.",
            4,
        ),
    ] = UNSET
    log_level: Annotated[
        LogLevel | UnsetType,
        _key("The lowest level of the records in the daemon's log. Default: `info`.", *LogLevel),
    ] = UNSET


def _time(value: float | str) -> float:
    try:
        return parse_seconds(value)
    except ValueProblemError as problem:
        remedy = 'Write "45s", "30m", "8h", or a number of seconds.'
        raise ValueProblemError(str(problem), remedy) from None


def _count(minimum: int, remedy: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not isinstance(value, int):
            raise ValueProblemError(f"must be a whole number, not {quoted(str(value))}")
        if value < minimum:
            raise ValueProblemError(f"must be at least {minimum}, not {value}", remedy)
        return value

    return check


def _level(value: str) -> LogLevel:
    try:
        return LogLevel(value.lower())
    except (AttributeError, ValueError):
        choices = ", ".join(LogLevel)
        raise ValueProblemError(f"must be one of {choices}, not {quoted(str(value))}") from None


class Setting(NamedTuple):
    """A key of the table, and the environment variable that overrides it."""

    key: str
    variable: str
    check: Callable[[Any], Value]
    """Converts a value of the file, or of the variable after numbers have been parsed.

    Raises ValueProblemError.
    """
    default: Callable[[], Value]

    @property
    def field(self) -> str:
        """The name of the field in DaemonTable and DaemonSettings."""
        return self.key.replace("-", "_")

    def parse_variable(self, text: str) -> Value:
        """Return the value of the variable's text. Raises ValueProblemError."""
        for kind in (int, float):
            try:
                return self.check(kind(text))
            except ValueProblemError:
                raise
            except ValueError:
                continue
        return self.check(text)

    def text(self, value: Value) -> str:
        """Return the value as it is written in the file: `30m`, `8`, `info`."""
        if not isinstance(value, float):
            return str(value)
        for unit, seconds in (("h", 3600), ("m", 60)):
            if value and value % seconds == 0:
                return f"{value / seconds:g}{unit}"
        return f"{value:g}s"


SETTINGS = (
    # A stopped container starts again in less than a second. Until it is stopped, the processes in
    # it use memory.
    Setting("idle-timeout", "BUILDD_IDLE_TIMEOUT", _time, lambda: 1800.0),
    Setting("idle-stop", "BUILDD_IDLE_STOP", _time, lambda: 1800.0),
    # A person works on fewer projects in half an hour, and eight idle containers cost very little.
    Setting("max-warm", "BUILDD_MAX_WARM", _count(0, "0 means no limit."), lambda: 8),
    Setting(
        "max-runs",
        "BUILDD_MAX_RUNS",
        _count(1, "By default it is the number of processors."),
        lambda: max(2, os.cpu_count() or 1),
    ),
    Setting("log-level", "BUILDD_LOG", _level, lambda: LogLevel.INFO),
)


def written_values(table: DaemonTable, section: Section) -> dict[str, Value]:
    """Return the values that the table contains, by key; add its errors to the section."""
    found: dict[str, Value] = {}
    for setting in SETTINGS:
        value = getattr(table, setting.field)
        if value is not UNSET:
            found[setting.key] = section.attempt(
                (setting.key,), setting.check, value, setting.default()
            )
    return found
