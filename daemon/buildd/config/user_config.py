"""This module reads the user's own configuration, `config.toml`, which no project can change."""

from __future__ import annotations

import fnmatch
import logging
import os
import stat
from collections.abc import Collection

import msgspec

from buildd.errors import ConfigError
from buildd.paths import config_dir, state_dir

log = logging.getLogger(__name__)


class TrustTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[trust]`: directories whose projects are always trusted, with these grants.

    `~` is the home directory, `*` matches one directory, and `**` at the end matches any depth.
    """

    directories: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()


class UserConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of `config.toml`."""

    trust: TrustTable = TrustTable()


def path() -> str:
    """Return the path of `config.toml`, which need not exist."""
    return os.path.join(config_dir(), "config.toml")


def read() -> UserConfig:
    """Read the user's configuration; if there is none, return the defaults.

    Raises ConfigError if it is not valid, or if other users can write to it.
    """
    file = path()
    try:
        status = os.stat(file)
        with open(file, "rb") as opened:
            content = opened.read()
    except FileNotFoundError:
        return UserConfig()
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", file=file) from error
    if status.st_uid not in (0, os.getuid()) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(
            "the file is ignored because other users can write to it",
            f"Only you may write to it: run `chmod go-w {file}`.",
            file=file,
        )
    try:
        return msgspec.toml.decode(content, type=UserConfig)
    except msgspec.MsgspecError as error:
        raise ConfigError(str(error), file=file) from error


def trusts(project: str, grants: Collection[str]) -> bool:
    """Return whether it trusts the project at a canonical path with these grants."""
    try:
        table = read().trust
    except ConfigError as error:
        log.warning("%s: %s", error.file, error.message)
        return False
    if not set(grants) <= set(table.grants):
        return False
    # A container that can write this file or the record of trust could consent for the user.
    if any(_is_below(own, project) for own in (path(), state_dir())):
        return False
    return any(_matches(project, pattern) for pattern in table.directories)


def _is_below(path: str, directory: str) -> bool:
    return os.path.commonpath((os.path.realpath(path), directory)) == directory


def _matches(project: str, pattern: str) -> bool:
    components = os.path.expanduser(pattern).rstrip("/").split("/")
    parts = project.split("/")
    if components[-1] == "**":
        components.pop()
        parts = parts[: len(components)]
    return len(parts) == len(components) and all(map(fnmatch.fnmatchcase, parts, components))
