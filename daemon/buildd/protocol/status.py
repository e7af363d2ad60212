"""How the daemon and its projects are, and news of that."""

from __future__ import annotations

from buildd.model import Check, Command, Frozen, Run
from buildd.protocol.environments import EnvironmentStatus


class TaskStatus(Frozen, frozen=True):
    """`command` is what it runs; `current` and `last` are runs, absent where there is none;
    `tested` is the id of the run that told last of its tests, or of some of them; empty if none
    has."""

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
    """One project. `error` is its configuration's error, or empty; `images` are the names of its
    run images."""

    path: str
    trusted: bool
    error: str = ""
    environments: tuple[EnvironmentStatus, ...] = ()
    tasks: tuple[TaskStatus, ...] = ()
    images: tuple[str, ...] = ()
    sessions: int = 0


class StatusParams(Frozen, frozen=True):
    """`project` empty means every project that the daemon knows."""

    project: str = ""


class SettingStatus(Frozen, frozen=True):
    """A setting of the daemon: its key in `[daemon]` of the user's config.toml, the value in use as
    one writes it there, and where that is from: `default`, `config.toml`, or a variable."""

    key: str
    value: str
    source: str


class StatusResult(Frozen, frozen=True):
    """`uptime` is in seconds, `memory` (resident) in bytes; `counts` is what was done since the
    start; `remarks` are lines on settings that are not in effect."""

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
    """Be told of changes, until the request is cancelled. `project` empty means every project that
    the daemon knows, now or later."""

    project: str = ""


class Changed(Frozen, frozen=True):
    """Something of the project is another: its status, a run, diagnostics, tests, trust."""

    project: str


class DoctorResult(Frozen, frozen=True):
    checks: tuple[Check, ...]


class DebugResult(Frozen, frozen=True):
    """How the daemon is inside, as text for a bug report, without secrets."""

    report: str
