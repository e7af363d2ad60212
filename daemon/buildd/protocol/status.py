"""This module defines the status of the daemon and its projects, and events about changes."""

from __future__ import annotations

from buildd.model import Check, Command, Frozen, Run
from buildd.protocol.environments import EnvironmentStatus


class TaskStatus(Frozen, frozen=True):
    """The status of a task.

    `current` is the run under way and `last` is the newest ended one, None if there is none.
    `tested` is the id of the newest run that reported tests, or empty.
    """

    name: str
    command: Command
    environment: str
    on_save: bool
    current: Run | None = None
    last: Run | None = None
    errors: int = 0
    warnings: int = 0
    tested: str = ""


class ProjectStatus(Frozen, frozen=True):
    """The status of a project.

    `error` is the error in its configuration, or empty; `images` are the names of its run images.
    """

    path: str
    trusted: bool
    error: str = ""
    environments: tuple[EnvironmentStatus, ...] = ()
    tasks: tuple[TaskStatus, ...] = ()
    images: tuple[str, ...] = ()
    sessions: int = 0


class StatusParams(Frozen, frozen=True):
    """Ask for the status of one project, or of all that the daemon knows if it is empty."""

    project: str = ""


class SettingStatus(Frozen, frozen=True):
    """A setting of the daemon.

    `key` is its key in `[daemon]` of the user's config.toml, and `value` the value in use, written
    as in that file. `source` is `default`, `config.toml`, or the name of an environment variable.
    """

    key: str
    value: str
    source: str


class StatusResult(Frozen, frozen=True):
    """The status of the daemon.

    `uptime` is in seconds, and `memory` is the resident size in bytes. `counts` are the numbers of
    events since the daemon started, as in `base/logs.py`. `remarks` are lines about settings that
    are not in effect.
    """

    version: str
    build: int
    pid: int
    uptime: float
    socket: str
    log: str
    sessions: int
    runs: int
    memory: int
    projects: tuple[ProjectStatus, ...]
    counts: dict[str, int] = {}
    settings: tuple[SettingStatus, ...] = ()
    remarks: tuple[str, ...] = ()


class EventsParams(Frozen, frozen=True):
    """Subscribe to `buildd/changed` until the request is cancelled.

    `project` empty means all projects that the daemon knows, now or later.
    """

    project: str = ""


class Changed(Frozen, frozen=True):
    """Something about a project changed: its status, runs, diagnostics, tests or trust."""

    project: str


class DoctorResult(Frozen, frozen=True):
    """The results of `buildd doctor`."""

    checks: tuple[Check, ...]


class DebugResult(Frozen, frozen=True):
    """The daemon's internal state as text for a bug report, without secrets."""

    report: str
