"""What the daemon itself uses, from its start to its end, and what says otherwise by now."""

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
"""Where a value is from, if it is not from a variable."""


class DaemonSettings(Frozen, frozen=True):
    """Times are in seconds. `sources` tells by key where each value is from: DEFAULT, FILE, or the
    variable's name."""

    idle_timeout: float
    idle_stop: float
    max_warm: int
    max_runs: int
    log_level: LogLevel
    sources: dict[str, str]

    def value(self, setting: Setting) -> Value:
        """The value in use."""
        found: Value = getattr(self, setting.field)
        return found


class Remark(NamedTuple):
    """What is said to be used, and is not."""

    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}".rstrip()


def settings(variables: Mapping[str, str]) -> tuple[DaemonSettings, list[str]]:
    """Those of a daemon that starts now in an environment with these variables, and lines on what
    cannot be used, which is passed over so that the daemon starts. A variable goes before the
    file."""
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
                values[setting.field] = setting.of_variable(text)
                sources[setting.key] = setting.variable
            except ValueProblemError as problem:
                problems.append(str(_unusable(setting, text, problem)))
    return DaemonSettings(sources=sources, **values), problems


def variable_remarks(used: DaemonSettings, variables: Mapping[str, str]) -> list[Remark]:
    """On the variables of a client's environment that are not what the daemon uses."""
    found = []
    for setting in SETTINGS:
        text = variables.get(setting.variable)
        if not text:
            continue
        try:
            wanted = setting.of_variable(text)
        except ValueProblemError as problem:
            found.append(_unusable(setting, text, problem))
            continue
        if wanted != used.value(setting):
            said = f"{setting.variable}={short(text)}"
            found.append(_ineffective(used, setting, f"{said} is not in effect"))
    return found


def remarks(
    used: DaemonSettings, variables: Mapping[str, str], written: Mapping[str, Value] | None
) -> list[Remark]:
    """The same, and on what is `written` in the user's file by now; None where that cannot be read.
    A variable of the client goes before the file, as for a daemon that the client starts."""
    found = variable_remarks(used, variables)
    for setting in SETTINGS:
        key = setting.key
        if variables.get(setting.variable) or written is None:
            continue
        if key in written:
            wanted = written[key]
            said = f"{key} = {setting.text(wanted)} in {user_config.path()} is not in effect"
        elif used.sources[key] == FILE:
            wanted = setting.default()
            said = f"{key} is not in {user_config.path()} any more"
        else:
            continue
        if wanted != used.value(setting):
            found.append(_ineffective(used, setting, said))
    return found


def _ineffective(used: DaemonSettings, setting: Setting, said: str) -> Remark:
    source = used.sources[setting.key]
    value = setting.text(used.value(setting))
    if source not in (DEFAULT, FILE):
        value = f"{value}, from {source} of the environment that it was started in"
    return Remark(f"{said}: the running daemon uses {value}", "`buildd daemon restart` applies it.")


def _unusable(setting: Setting, text: str, problem: ValueProblemError) -> Remark:
    said = f"{setting.variable}={short(text)} is not followed: it {problem}"
    return Remark(said, problem.remedy)
