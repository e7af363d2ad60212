"""This module defines the methods that start, follow, cancel and list runs."""

from __future__ import annotations

from typing import Annotated

import msgspec

from buildd.model import Frozen, Run
from buildd.protocol.diagnostics import WireDiagnostic, WireTest

HISTORY_LIMIT = 1_000_000
"""Stored runs that a client may ask for at once."""


class RunParams(Frozen, frozen=True):
    """Run a task, or only some of its tests.

    Each of `tests` is as in WireTest's `path`. The request ends with the run, and cancelling the
    request cancels the run. If `output` is False, the run's output is not sent.
    """

    project: str
    task: str
    tests: tuple[Annotated[tuple[str, ...], msgspec.Meta(min_length=1)], ...] = ()
    output: bool = True


class RunResult(Frozen, frozen=True):
    """The end of a run.

    `diagnostics` are those that the task now owns, none for an ad-hoc run; `tests` are those that
    this run has reported.
    """

    run: Run
    diagnostics: tuple[WireDiagnostic, ...] = ()
    tests: tuple[WireTest, ...] = ()


class ImageParams(Frozen, frozen=True):
    """Build a run image after the tasks that it needs.

    `image` empty means the project's only one. If `output` is False, the tasks' output is not sent.
    """

    project: str
    image: str = ""
    output: bool = True


class ImageResult(Frozen, frozen=True):
    """The engine's id and the tag of the built image.

    Both are empty if a task failed or was cancelled; `failed` is that task's run.
    """

    image: str = ""
    tag: str = ""
    failed: Run | None = None


class WatchParams(Frozen, frozen=True):
    """Run tasks when files change; `tasks` empty means all tasks that run on save."""

    project: str
    tasks: tuple[str, ...] = ()


class ExecParams(Frozen, frozen=True):
    """Run an ad-hoc command.

    `directory` is absolute on the host, and inside the project or one of its mounts. If `stdin` is
    False, standard input is /dev/null. `terminal` is the path, in the container, of a terminal
    that the client opened with the answer of `buildd/terminal`, which also gave `relayed`; the
    run has no pipes then. `umask` None means the environment's own. The request ends with the
    run, and `buildd/ready` names the run's pipes.
    """

    project: str
    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    directory: Annotated[str, msgspec.Meta(pattern="^/")]
    environment: str = ""
    env: dict[str, str] = {}
    stdin: bool = True
    terminal: Annotated[str, msgspec.Meta(pattern="^(/dev/pts/[0-9]+)?$")] = ""
    relayed: bool = False
    umask: Annotated[int, msgspec.Meta(ge=0, le=0o777)] | None = None


class Ready(Frozen, frozen=True):
    """The named pipes of an ad-hoc run, which the client opens.

    The client writes to `stdin` (empty if the run has none), and reads `stdout` and `stderr` until
    their end. All are empty in a terminal. The command starts once all pipes are open.
    """

    run: str
    stdin: str = ""
    stdout: str = ""
    stderr: str = ""


class CancelParams(Frozen, frozen=True):
    """Cancel one run, all runs of a task, or everything that the project does.

    With neither `run` nor `task`, all runs and all builds of environments are cancelled. `kill`
    sends SIGKILL at once, without SIGINT and SIGTERM before it.
    """

    project: str
    task: str = ""
    run: str = ""
    kill: bool = False


class CancelResult(Frozen, frozen=True):
    """The ids of the cancelled runs, and the environments whose build was cancelled."""

    runs: tuple[str, ...]
    environments: tuple[str, ...] = ()


class LogsParams(Frozen, frozen=True):
    """Send the output of `run`, else of the newest run of `task`, else of the newest run.

    With `follow`, the request ends when the run named by `run` ends; without `run` it continues
    with later runs until it is cancelled.
    """

    project: str
    task: str = ""
    run: str = ""
    follow: bool = False


class HistoryParams(Frozen, frozen=True):
    """List the stored runs of `task`, or of all tasks; at most `limit` of them."""

    project: str
    task: str = ""
    limit: Annotated[int, msgspec.Meta(ge=0, le=HISTORY_LIMIT)] = 1000


class HistoryEntry(Frozen, frozen=True):
    """A stored run, with the numbers of its errors and warnings."""

    run: Run
    errors: int = 0
    warnings: int = 0


class HistoryResult(Frozen, frozen=True):
    """The stored runs, newest first."""

    runs: tuple[HistoryEntry, ...]


class Output(Frozen, frozen=True):
    """A piece of a run's output, unchanged; `data` may end in the middle of a character."""

    run: str
    data: bytes


class Progress(Frozen, frozen=True):
    """A line about an image or container that is being prepared for the request.

    `percentage` is 0 to 100, or None; `run` is the id of the request's run, if it has one.
    """

    message: str
    percentage: int | None = None
    run: str = ""
