"""This module reads the user's own configuration, `config.toml`, which no project can change."""

from __future__ import annotations

import fnmatch
import logging
import os
import stat
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from buildd.base.containment import is_below
from buildd.config.daemon_table import DaemonTable, Value, written_values
from buildd.config.fit import Problem, fit, unknown_keys
from buildd.config.section import Section
from buildd.config.text_file import read_text
from buildd.config.toml_errors import located_errors, parse_toml
from buildd.errors import ConfigError
from buildd.paths import config_dir, state_dir

log = logging.getLogger(__name__)


class TrustTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[trust]`: directories whose projects are always trusted, with these grants.

    `~` is the home directory, `*` matches one directory, and `**` at the end matches any depth.
    """

    directories: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()


class UserConfig(NamedTuple):
    """The contents of `config.toml`; `daemon` has only the keys that the file contains."""

    trust: TrustTable = TrustTable()
    daemon: Mapping[str, Value] = MappingProxyType({})


def path() -> str:
    """Return the path of `config.toml`, which need not exist."""
    return os.path.join(config_dir(), "config.toml")


def read() -> UserConfig:
    """Read the user's configuration. Raises the first ConfigError of `check`."""
    configuration, errors = check()
    if errors:
        raise errors[0]
    return configuration


def check() -> tuple[UserConfig, list[ConfigError]]:
    """Read the user's configuration; return it and all its errors.

    It is empty if there is no file, or if the file has errors. A file that other users can write to
    is an error.
    """
    file = path()
    problems: list[Problem] = []
    try:
        text = _text(file)
        data = parse_toml(file, text)
    except ConfigError as error:
        return UserConfig(), [error]
    problems += unknown_keys(data, UserConfig._fields)
    trust = fit(data.get("trust", {}), TrustTable, ("trust",), problems)
    daemon = fit(data.get("daemon", {}), DaemonTable, ("daemon",), problems)
    values = written_values(daemon, Section("", ("daemon",), problems)) if daemon else {}
    if problems or trust is None:
        return UserConfig(), located_errors(problems, file, text)
    return UserConfig(trust, values), []


def _text(file: str) -> str:
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", file=file) from error
    if status.st_uid not in (0, os.getuid()) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(
            "the file is ignored because other users can write to it",
            f"Only you may write to it: run `chmod go-w {file}`.",
            file=file,
        )
    return read_text(file)


def trusts(project: str, grants: Collection[str]) -> bool:
    """Return whether it trusts the project at a canonical path with these grants."""
    try:
        table = read().trust
    except ConfigError as error:
        log.warning("%s", error)
        return False
    if not set(grants) <= set(table.grants):
        return False
    # A container that can write this file or the record of trust could consent for the user.
    if any(is_below(os.path.realpath(own), project) for own in (path(), state_dir())):
        return False
    return any(_matches(project, pattern) for pattern in table.directories)


def _matches(project: str, pattern: str) -> bool:
    components = os.path.expanduser(pattern).rstrip("/").split("/")
    parts = project.split("/")
    if components[-1] == "**":
        components.pop()
        parts = parts[: len(components)]
    return len(parts) == len(components) and all(map(fnmatch.fnmatchcase, parts, components))
