"""Runs: asked for, followed, cancelled, remembered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from buildd.model import Frozen, Run
from buildd.protocol.diagnostics import WireDiagnostic, WireTest

HISTORY_LIMIT = 1_000_000
"""Stored runs that a client may ask for at once."""


class RunParams(Frozen, frozen=True):
    """Run a task, or `tests` of it only, each as in WireTest's `path`. The request lives as long
    as the run; cancel the one to cancel the other. `output` False: none of it is sent."""

    project: str
    task: str
    tests: tuple[Annotated[tuple[str, ...], msgspec.Meta(min_length=1)], ...] = ()
    output: bool = True


class RunResult(Frozen, frozen=True):
    """How a run ended, with the diagnostics that its task now owns (for an ad-hoc run: none), and
    the tests that this run told of."""

    run: Run
    diagnostics: tuple[WireDiagnostic, ...] = ()
    tests: tuple[WireTest, ...] = ()


class ImageParams(Frozen, frozen=True):
    """Build a run image after the tasks that it needs; `image` empty means the only one. `output`
    False: none of the tasks' is sent."""

    project: str
    image: str = ""
    output: bool = True


class ImageResult(Frozen, frozen=True):
    """The engine's id of the image and its tag; or with neither, the run of the task that failed
    or was cancelled."""

    image: str = ""
    tag: str = ""
    failed: Run | None = None


class WatchParams(Frozen, frozen=True):
    """Run tasks whenever files change; `tasks` empty means those that run on save."""

    project: str
    tasks: tuple[str, ...] = ()


class ExecParams(Frozen, frozen=True):
    """Run a command. `directory` is absolute on the host and inside the project or one of its
    mounts. `stdin` False connects the command to nothing. `terminal` is the path inside of a
    terminal that the client has opened by `buildd/terminal`, which also told whether it is
    `relayed`; then there are no pipes. `umask`
    absent is the environment's own. The request lives as long as the run; `buildd/ready` tells
    where its pipes are."""

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
    """Named pipes of an ad-hoc run, to be opened by the client: `stdin` to write (empty if the
    run has none), `stdout` and `stderr` to read until their end; all empty in a terminal. The
    command starts once all are open."""

    run: str
    stdin: str = ""
    stdout: str = ""
    stderr: str = ""


class CancelParams(Frozen, frozen=True):
    """Cancel the run `run`, or every run of `task`, or with neither every run of the
    project and what is being made of its environments.
    `kill` skips the polite signals."""

    project: str
    task: str = ""
    run: str = ""
    kill: bool = False


class CancelResult(Frozen, frozen=True):
    """The ids of the runs that are being cancelled, and the environments of which an image or a
    container was being made."""

    runs: tuple[str, ...]
    environments: tuple[str, ...] = ()


class LogsParams(Frozen, frozen=True):
    """The output of `run`, else of the newest run of `task`, else of the newest run. `follow`
    waits: for the run's end where one is named or under way, and without `run` for later runs
    too, until cancelled."""

    project: str
    task: str = ""
    run: str = ""
    follow: bool = False


class HistoryParams(Frozen, frozen=True):
    """The stored runs of `task`, or of every task; at most `limit` of them."""

    project: str
    task: str = ""
    limit: Annotated[int, msgspec.Meta(ge=0, le=HISTORY_LIMIT)] = 1000


class HistoryEntry(Frozen, frozen=True):
    """A stored run, and how many diagnostics it found."""

    run: Run
    errors: int = 0
    warnings: int = 0


class HistoryResult(Frozen, frozen=True):
    """Newest first."""

    runs: tuple[HistoryEntry, ...]


class Output(Frozen, frozen=True):
    """A piece of a run's output, exactly as written; `data` may end inside a character."""

    run: str
    data: bytes


class Progress(Frozen, frozen=True):
    """A line about what is being prepared, for the request under way: for its run `run`, if it has
    one. `percentage` is 0 to 100."""

    message: str
    percentage: int | None = None
    run: str = ""
