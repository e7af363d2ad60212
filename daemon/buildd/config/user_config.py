"""The user's own configuration, `config.toml`: what no project can set."""

from __future__ import annotations

import fnmatch
import logging
import os
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from buildd.base.printable import printable
from buildd.config.daemon_table import DaemonTable, Value, written
from buildd.config.fit import Problems, TooManyProblemsError, fit, unknown_keys
from buildd.config.section import Section
from buildd.config.text_file import read_text
from buildd.config.toml_errors import located, parsed
from buildd.errors import ConfigError, UnsteadyError
from buildd.files import state_dirs
from buildd.paths import config_dir, state_dir

log = logging.getLogger(__name__)


class TrustTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[trust]`: directories whose projects are trusted whatever they say, and which grants that
    covers. `~` is the home directory, `*` stands for one directory, a last `**` for any depth."""

    directories: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()


class UserConfig(NamedTuple):
    """What the file says. Of `[daemon]`, only what is written there, by key."""

    trust: TrustTable = TrustTable()
    daemon: Mapping[str, Value] = MappingProxyType({})


def path() -> str:
    """Where it is, whether or not there is one."""
    return os.path.join(config_dir(), "config.toml")


def real_path() -> str:
    """Where the file is itself, if links lead to it."""
    return os.path.realpath(path())


def paths() -> list[str]:
    """The files and directories by which to tell that it says something else, or is not followed
    any more."""
    places = (path(), real_path())
    return list(dict.fromkeys((*places, *map(os.path.dirname, places))))


def read() -> UserConfig:
    """What it says. Raises the first ConfigError of `check`."""
    configuration, errors = check()
    if errors:
        raise errors[0]
    return configuration


def check() -> tuple[UserConfig, list[ConfigError]]:
    """What it says, and everything that is wrong with it. Without a file, and with one that cannot
    be used, it says nothing: the defaults. One that others may write cannot be used."""
    file = path()
    problems = Problems()
    try:
        text = _text(file)
        data = parsed(file, text)
    except ConfigError as error:
        return UserConfig(), [error]
    found = UserConfig()
    with suppress(TooManyProblemsError):
        found = _to_configuration(data, problems)
    return (UserConfig(), located(problems, file, text)) if problems else (found, [])


def _to_configuration(data: dict[str, Any], problems: Problems) -> UserConfig:
    problems.extend(unknown_keys(data, UserConfig._fields))
    trust = fit(data.get("trust", {}), TrustTable, ("trust",), problems)
    daemon = fit(data.get("daemon", {}), DaemonTable, ("daemon",), problems)
    chosen = written(daemon, Section("", ("daemon",), problems)) if daemon else {}
    return UserConfig(trust or TrustTable(), chosen)


def _text(file: str) -> str:
    if not os.path.lexists(file):
        return ""
    text = read_text(file)
    # After it was read, and where it is itself: whoever exchanges it must be one of the others.
    for place in paths():
        try:
            found = os.stat(place)
        except OSError as error:
            raise ConfigError(f"it cannot be read: {error.strerror}", file=file) from error
        if _is_writable_by_others(found):
            what = "it" if place == file else printable(place)
            raise ConfigError(
                f"{what} may be written by others, so that it is not followed",
                f"It must be yours alone: `chmod go-w {place}`.",
                file=file,
            )
    for project, seen in state_dirs.noted_mounts():
        if _is_below(file, seen):
            raise ConfigError(
                f"containers of {printable(project)} may write it, since they see "
                f"{printable(seen)}, so that it is not followed",
                "Keep it where no project is, and no mount of one.",
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
    """Whether it trusts what is in this directory (canonical), with these grants. Raises
    UnsteadyError where it cannot be read just now."""
    try:
        table = read().trust
    except UnsteadyError:
        raise
    except ConfigError as error:
        log.warning("%s", error)
        return False
    if not set(grants) <= set(table.grants):
        return False
    # Who may write this file or the record from inside could consent for the user.
    if any(_is_below(own, project) for own in (path(), state_dir())):
        return False
    return any(_fits(project, pattern) for pattern in table.directories)


def _is_below(path: str, directory: str) -> bool:
    return os.path.commonpath((os.path.realpath(path), directory)) == directory


def _fits(project: str, pattern: str) -> bool:
    wanted = os.path.expanduser(pattern).rstrip("/").split("/")
    parts = project.split("/")
    if wanted[-1] == "**":
        wanted.pop()
        parts = parts[: len(wanted)]
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))
