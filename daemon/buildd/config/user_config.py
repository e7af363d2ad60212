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
from buildd.base.printable import printable
from buildd.config.daemon_table import DaemonTable, Value, written_values
from buildd.config.fit import Problem, fit, unknown_keys
from buildd.config.section import Section
from buildd.config.text_file import read_text
from buildd.config.toml_errors import located_errors, parse_toml
from buildd.errors import ConfigError
from buildd.files import state_dirs
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


def real_path() -> str:
    """Where the file is itself, if links lead to it."""
    return os.path.realpath(path())


def paths() -> list[str]:
    """Return the files and directories that decide what it says and whether it is followed."""
    places = (path(), real_path())
    return list(dict.fromkeys((*places, *map(os.path.dirname, places))))


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
    if not os.path.lexists(file):
        return ""
    text = read_text(file)
    # After it was read, and where it is itself: whoever exchanges it must be one of the others.
    for place in paths():
        try:
            found = os.stat(place)
        except OSError as error:
            raise ConfigError(f"the file cannot be read: {error.strerror}", file=file) from error
        if _is_writable_by_others(found):
            what = "it" if place == file else printable(place)
            raise ConfigError(
                f"the file is ignored because other users can write to {what}",
                f"Only you may write to it: run `chmod go-w {place}`.",
                file=file,
            )
    for project, seen in state_dirs.noted_mounts():
        if is_below(os.path.realpath(file), seen):
            raise ConfigError(
                f"the file is ignored because containers of {printable(project)}, which see "
                f"{printable(seen)}, can write to it",
                "Keep it outside of projects and of their mounts.",
                file=file,
            )
    return text


def _is_writable_by_others(found: os.stat_result) -> bool:
    if found.st_uid not in (0, os.getuid()):
        return True
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    # In a directory as /tmp is, they cannot exchange what is not theirs.
    return bool(others) and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)


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
