"""`buildd doctor` checks whether everything is as it should be, and says what to do if not."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from buildd.config import user_config
from buildd.config.daemon_settings import DEFAULT, DaemonSettings, Remark, remarks
from buildd.config.daemon_table import SETTINGS
from buildd.config.trust import consent
from buildd.engines import ENGINES, engine
from buildd.environments.environment import LiveEnvironment
from buildd.errors import BuilddError, ConfigError
from buildd.model import Check, EngineName
from buildd.paths import runtime_dir, socket_path, state_dir
from buildd.projects.project import LiveProject

LOW_SPACE = 1 << 30
"""Bytes free on a disk below which doctor warns."""


async def checks(
    project: LiveProject | None, settings: DaemonSettings, variables: Mapping[str, str]
) -> list[Check]:
    """Check everything that can be checked without changing anything.

    With a project, that includes its configuration and its environments. `settings` are what the
    daemon uses, `variables` what the client's environment says of them.
    """
    configuration, errors = await asyncio.to_thread(user_config.check)
    written = None if errors else configuration.daemon
    found = [
        Check(name="Python", state="ok", detail=sys.version.split()[0]),
        Check(name="socket", state="ok", detail=socket_path()),
        _space("runtime directory", runtime_dir()),
        _space("state directory", state_dir()),
        *_user_file(errors),
        *_settings(settings, remarks(settings, variables, written)),
    ]
    needed = _engines_of(project)
    for name in ENGINES:
        module = await asyncio.to_thread(engine, name)
        checked = await module.checks()
        found += checked if name in needed else map(_without_need, checked)
    if project:
        found += _project_checks(project)
    return found


def _engines_of(project: LiveProject | None) -> set[EngineName]:
    """The engines of the project's environments; without a project, the default one."""
    configuration = project.configuration.project if project else None
    if configuration is None:
        return {EngineName.DOCKER}
    return {environment.engine for environment in configuration.environments.values()}


def _without_need(check: Check) -> Check:
    """An engine that is missing is no problem if nothing needs it."""
    if check.state == "ok":
        return check
    return Check(name=check.name, state="ok", detail=f"not needed here ({check.detail})")


def _space(name: str, directory: str) -> Check:
    free = shutil.disk_usage(directory).free
    detail = f"{directory}, {free >> 20} MiB free"
    if free < LOW_SPACE:
        return Check(name=name, state="warning", detail=detail, remedy="Free some space.")
    return Check(name=name, state="ok", detail=detail)


def _user_file(errors: Sequence[ConfigError]) -> list[Check]:
    name = "your configuration"
    if not errors:
        return [Check(name=name, state="ok", detail=user_config.path())]
    return [
        Check(
            name=name,
            state="error",
            detail=f"{error.file}:{error.line}:{error.column}: {error.message}",
            remedy=error.remedy,
        )
        for error in errors
    ]


def _settings(settings: DaemonSettings, found: Sequence[Remark]) -> list[Check]:
    """What the daemon uses that is not by default, and what is not in effect."""
    name = "daemon settings"
    chosen = [
        f"{setting.key} {setting.text(settings.value(setting))} ({source})"
        for setting in SETTINGS
        if (source := settings.sources[setting.key]) != DEFAULT
    ]
    if not found:
        return [Check(name=name, state="ok", detail=", ".join(chosen) or "all by default")]
    return [
        Check(name=name, state="warning", detail=remark.message, remedy=remark.remedy)
        for remark in found
    ]


def _project_checks(project: LiveProject) -> list[Check]:
    if project.configuration.errors:
        return [
            Check(name="configuration", state="error", detail=str(error), remedy=error.remedy)
            for error in project.configuration.errors
        ]
    try:
        configuration = project.configuration.valid()
    except BuilddError as error:
        return [
            Check(name="configuration", state="error", detail=error.message, remedy=error.remedy)
        ]
    found = [Check(name="configuration", state="ok", detail=configuration.config_file)]
    if project.configuration.trusted:
        found.append(Check(name="trust", state="ok", detail=f"recorded in {consent.record_path()}"))
    else:
        found.append(
            Check(
                name="trust",
                state="warning",
                detail="the present configuration is not trusted",
                remedy="Look at it with `buildd trust`, which asks for your consent.",
            )
        )
    if not os.access(project.path, os.W_OK):
        found.append(
            Check(
                name="project directory",
                state="warning",
                detail=f"{project.path} cannot be written by this user",
                remedy="Builds that write into it will fail.",
            )
        )
    found += map(_environment_check, project.environments.all())
    return found


def _environment_check(environment: LiveEnvironment) -> Check:
    status = environment.status()
    state = "error" if status.state == "failed" else "ok"
    detail = f"{status.engine}, {status.state} {status.detail}".strip()
    remedy = ""
    if status.slow:
        state, detail = "warning", f"{detail}; each run is an exec of the engine: {status.slow}"
        remedy = "It works, but each run takes tens of milliseconds longer."
    for remark in status.remarks:
        state, detail = "warning", f"{detail}; {remark}"
    return Check(name=f"environment {status.name}", state=state, detail=detail, remedy=remedy)
