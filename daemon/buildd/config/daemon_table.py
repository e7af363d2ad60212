"""`[daemon]` of the user's config.toml: how the daemon behaves, and what overrides it."""

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
    """What the daemon's log tells: the level itself and those after it."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


Value = float | LogLevel
"""Seconds, a number, or a level."""


def _says(description: str, *examples: str | int) -> msgspec.Meta:
    return msgspec.Meta(description=description, examples=list(examples))


class DaemonTable(
    msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True
):
    """The table as it is written. What it leaves out has the default of `SETTINGS`."""

    idle_timeout: Annotated[
        str | float | UnsetType,
        _says(
            "How long the daemon stays when no client is connected and nothing runs, once its "
            "containers are stopped: a time as `45s`, `30m` or `8h`, or seconds. `0`: until it is "
            "stopped. Default: `30m`.",
            *("30m", "8h"),
        ),
    ] = UNSET
    idle_stop: Annotated[
        str | float | UnsetType,
        _says(
            "How long a container stays warm without a run or a shell, before it is stopped: a "
            "time as `45s`, `30m` or `8h`, or seconds. `0`: never. Default: `30m`.",
            *("30m", "8h"),
        ),
    ] = UNSET
    max_warm: Annotated[
        int | UnsetType,
        _says(
            "How many containers stay warm, over all projects. The least recently used are stopped "
            "first. `0`: no limit. Default: `8`.",
            *(8, 0),
        ),
    ] = UNSET
    max_runs: Annotated[
        int | UnsetType,
        _says(
            "How many tasks run at once, over all projects. Default: one for each processor, and "
            "at least two.",
            4,
        ),
    ] = UNSET
    log_level: Annotated[
        LogLevel | UnsetType,
        _says("What the daemon's log tells. Default: `info`.", *LogLevel),
    ] = UNSET


def _time(value: float | str) -> float:
    try:
        return parse_seconds(value)
    except ValueProblemError as problem:
        remedy = 'Write "45s", "30m", "8h", or a number of seconds.'
        raise ValueProblemError(str(problem), remedy) from None


def _count(least: int, remedy: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not isinstance(value, int):
            raise ValueProblemError(f"must be a whole number, not {quoted(str(value))}")
        if value < least:
            raise ValueProblemError(f"must be at least {least}, not {value}", remedy)
        return value

    return check


def _level(value: str) -> LogLevel:
    try:
        return LogLevel(value.lower())
    except (AttributeError, ValueError):
        choices = ", ".join(LogLevel)
        raise ValueProblemError(f"must be one of {choices}, not {quoted(str(value))}") from None


class Setting(NamedTuple):
    """One key of the table, and the variable that overrides it."""

    key: str
    variable: str
    check: Callable[[Any], Value]
    """What is meant by a value of the file, or by a variable's text with numbers as numbers.
    Raises ValueProblemError."""
    default: Callable[[], Value]

    @property
    def field(self) -> str:
        """Its name in Python."""
        return self.key.replace("-", "_")

    def of_variable(self, text: str) -> Value:
        """What is meant by the text of the variable. Raises ValueProblemError."""
        for kind in (int, float):
            try:
                return self.check(kind(text))
            except ValueProblemError:
                raise
            except ValueError:
                continue
        return self.check(text)

    def text(self, value: Value) -> str:
        """The value as one writes it: `30m`, `8`, `info`."""
        if not isinstance(value, float):
            return str(value)
        for unit, seconds in (("h", 3600), ("m", 60)):
            if value and value % seconds == 0:
                return f"{value / seconds:g}{unit}"
        return f"{value:g}s"


SETTINGS = (
    # A stopped container starts again in less than a second; until it is stopped, it holds the
    # memory of what was left running in it.
    Setting("idle-timeout", "BUILDD_IDLE_TIMEOUT", _time, lambda: 1800.0),
    Setting("idle-stop", "BUILDD_IDLE_STOP", _time, lambda: 1800.0),
    # More than a person works on in half an hour, and few enough to cost next to nothing.
    Setting("max-warm", "BUILDD_MAX_WARM", _count(0, "0 is no limit."), lambda: 8),
    Setting(
        "max-runs",
        "BUILDD_MAX_RUNS",
        _count(1, "Without it, there is one for each processor."),
        lambda: max(2, os.cpu_count() or 1),
    ),
    Setting("log-level", "BUILDD_LOG", _level, lambda: LogLevel.INFO),
)


def written(table: DaemonTable, section: Section) -> dict[str, Value]:
    """The values that the table has, by key; what is wrong becomes a problem of the section."""
    found: dict[str, Value] = {}
    for setting in SETTINGS:
        value = getattr(table, setting.field)
        if value is not UNSET:
            found[setting.key] = section.attempt(
                (setting.key,), setting.check, value, setting.default()
            )
    return found
