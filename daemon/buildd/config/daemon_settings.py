"""This module determines the daemon's settings, and reports which values are not in effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from buildd.base.printable import short
from buildd.config import user_config
from buildd.config.daemon_table import SETTINGS, LogLevel, Setting, Value
from buildd.config.values import ValueProblemError
from buildd.model import Frozen

DEFAULT = "default"
FILE = "config.toml"
"""The sources of values that do not come from a variable."""


class DaemonSettings(Frozen, frozen=True):
    """The settings that a daemon uses from its start to its end.

    Times are in seconds. `sources` has the source of each value, by key: DEFAULT, FILE, or the name
    of a variable.
    """

    idle_timeout: float
    idle_stop: float
    max_warm: int
    max_runs: int
    log_level: LogLevel
    sources: dict[str, str]

    def value(self, setting: Setting) -> Value:
        """Return the value in use."""
        found: Value = getattr(self, setting.field)
        return found


class Remark(NamedTuple):
    """A message about a value that is set but not used."""

    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}".rstrip()


def settings(variables: Mapping[str, str]) -> tuple[DaemonSettings, list[str]]:
    """Return the settings of a daemon that starts with these environment variables.

    A variable overrides the file. Invalid values are ignored, so that the daemon starts; the list
    has a line about each.
    """
    configuration, errors = user_config.check()
    problems = [str(error) for error in errors]
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        values[setting.field], sources[setting.key] = setting.default(), DEFAULT
        if setting.key in configuration.daemon:
            values[setting.field], sources[setting.key] = configuration.daemon[setting.key], FILE
        if text := variables.get(setting.variable):
            try:
                values[setting.field] = setting.parse_variable(text)
                sources[setting.key] = setting.variable
            except ValueProblemError as problem:
                problems.append(str(_unusable(setting, text, problem)))
    return DaemonSettings(sources=sources, **values), problems


def variable_remarks(used: DaemonSettings, variables: Mapping[str, str]) -> list[Remark]:
    """Return remarks about variables of a client whose values the daemon does not use."""
    found = []
    for setting in SETTINGS:
        text = variables.get(setting.variable)
        if not text:
            continue
        try:
            wanted = setting.parse_variable(text)
        except ValueProblemError as problem:
            found.append(_unusable(setting, text, problem))
            continue
        if wanted != used.value(setting):
            message = f"{setting.variable}={short(text)} is not in effect"
            found.append(_ineffective(used, setting, message))
    return found


def remarks(
    used: DaemonSettings, variables: Mapping[str, str], written: Mapping[str, Value] | None
) -> list[Remark]:
    """Return remarks about a client's variables and the user's file, if they are not in effect.

    `written` has the current values of the file, or is None if it cannot be read. A variable of the
    client overrides the file, as in a daemon that the client starts.
    """
    found = variable_remarks(used, variables)
    for setting in SETTINGS:
        key = setting.key
        if variables.get(setting.variable) or written is None:
            continue
        if key in written:
            wanted = written[key]
            message = f"{key} = {setting.text(wanted)} in {user_config.path()} is not in effect"
        elif used.sources[key] == FILE:
            wanted = setting.default()
            message = f"{key} is no longer in {user_config.path()}"
        else:
            continue
        if wanted != used.value(setting):
            found.append(_ineffective(used, setting, message))
    return found


def _ineffective(used: DaemonSettings, setting: Setting, message: str) -> Remark:
    source = used.sources[setting.key]
    value = setting.text(used.value(setting))
    if source not in (DEFAULT, FILE):
        value = f"{value}, because {source} was set when it was started"
    return Remark(f"{message}: the running daemon uses {value}", "Run `buildd daemon restart`.")


def _unusable(setting: Setting, text: str, problem: ValueProblemError) -> Remark:
    message = f"{setting.variable}={short(text)} is ignored: it {problem}"
    return Remark(message, problem.remedy)
