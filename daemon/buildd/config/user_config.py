"""The user's own configuration, `config.toml`: what no project can set."""

from __future__ import annotations

import fnmatch
import logging
import os
import stat
from collections.abc import Collection

import msgspec

from buildd.base.containment import is_below
from buildd.errors import ConfigError
from buildd.paths import config_dir, state_dir

log = logging.getLogger(__name__)


class TrustTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[trust]`: directories whose projects are trusted whatever they say, and which grants that
    covers. `~` is the home directory, `*` stands for one directory, a last `**` for any depth."""

    directories: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()


class UserConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    trust: TrustTable = TrustTable()


def path() -> str:
    """Where it is, whether or not there is one."""
    return os.path.join(config_dir(), "config.toml")


def read() -> UserConfig:
    """What it says; the defaults where there is none. Raises ConfigError where it cannot be used:
    one that others may write says nothing."""
    file = path()
    try:
        found = os.stat(file)
        with open(file, "rb") as opened:
            content = opened.read()
    except FileNotFoundError:
        return UserConfig()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=file) from error
    if found.st_uid not in (0, os.getuid()) or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(
            "may be written by others, so that it is not followed",
            f"It must be yours alone: `chmod go-w {file}`.",
            file=file,
        )
    try:
        return msgspec.toml.decode(content, type=UserConfig)
    except msgspec.MsgspecError as error:
        raise ConfigError(str(error), file=file) from error


def trusts(project: str, grants: Collection[str]) -> bool:
    """Whether it trusts what is in this directory (canonical), with these grants."""
    try:
        table = read().trust
    except ConfigError as error:
        log.warning("%s %s", error.file, error.message)
        return False
    if not set(grants) <= set(table.grants):
        return False
    # Who may write this file or the record from inside could consent for the user.
    if any(is_below(os.path.realpath(own), project) for own in (path(), state_dir())):
        return False
    return any(_fits(project, pattern) for pattern in table.directories)


def _fits(project: str, pattern: str) -> bool:
    wanted = os.path.expanduser(pattern).rstrip("/").split("/")
    parts = project.split("/")
    if wanted[-1] == "**":
        wanted.pop()
        parts = parts[: len(wanted)]
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))
