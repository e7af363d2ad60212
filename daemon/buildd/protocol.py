"""Every custom method of the wire and its types; `protocol.md` describes them in prose.

Messages are JSON-RPC 2.0 in LSP framing. Names on the wire are camelCase. Bytes are base64.
"""

from __future__ import annotations

import enum
from typing import Annotated, Any

import msgspec

from buildd.model import Belonging, Check, Frozen, Grant, Run, Severity, Tag, TestState

PROTOCOL_VERSION = 1
"""Raised when an older client or daemon could no longer understand the other."""


class Hello(Frozen, frozen=True):
    """Who is calling. `build` is `paths.build_id()` of the client's package."""

    version: str
    build: int
    client: str = ""


class HelloResult(Frozen, frozen=True):
    """Who answers. `busy` counts runs under way and other sessions."""

    version: str
    build: int
    protocol: int
    pid: int
    busy: int


class ProjectParams(Frozen, frozen=True):
    """`project` is any directory or file at or below the project's own."""

    project: str


class EnvironmentParams(Frozen, frozen=True):
    """`environment` empty means the project's default one, or every one for `buildd/down`."""

    project: str
    environment: str = ""


class UpParams(Frozen, frozen=True):
    """As EnvironmentParams; `rebuild` builds the image again and makes a new container."""

    project: str
    environment: str = ""
    rebuild: bool = False


class EnvironmentStatus(Frozen, frozen=True):
    """`state` is `absent`, `preparing`, `warm`, `stopped` or `failed`; `detail` says what is being
    done or went wrong; `container` is the engine's id, empty on the host engine; `slow` says why
    each run goes through the engine, empty where none does; `remarks` say what is not as one may
    expect; `changed` names what its image is made from that is another since: it is warm, but not
    as it is defined now."""

    name: str
    engine: str
    state: str
    detail: str = ""
    image: str = ""
    container: str = ""
    slow: str = ""
    remarks: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class DownResult(Frozen, frozen=True):
    """The names of the environments whose containers were stopped."""

    stopped: tuple[str, ...]


class Scope(enum.StrEnum):
    """Whose belongings: one project's, those of projects whose directory is gone, or all."""

    PROJECT = "project"
    ORPHANS = "orphans"
    ALL = "all"


class BelongingsParams(Frozen, frozen=True):
    """`project` is a path at or below a project's, of use with its scope only; the project needs
    no configuration any more."""

    project: str = ""
    scope: Scope = Scope.PROJECT


class BelongingsResult(Frozen, frozen=True):
    """What can be removed; and in words, what cannot be looked at or may not be touched now."""

    belongings: tuple[Belonging, ...] = ()
    problems: tuple[str, ...] = ()


class CleanParams(Frozen, frozen=True):
    """The ids of what `buildd/belongings` has shown."""

    belongings: tuple[str, ...]


class CleanResult(Frozen, frozen=True):
    """The ids of what was removed; and in words, why the rest was not."""

    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class RunParams(Frozen, frozen=True):
    """Run a task, or `tests` of it only, each as in WireTest's `path`. The request lives as long
    as the run; cancel the one to cancel the other. `output` False: none of it is sent."""

    project: str
    task: str
    tests: tuple[tuple[str, ...], ...] = ()
    output: bool = True


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


class WireRelated(Frozen, frozen=True):
    """A place and a note, as in WireDiagnostic."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


class WireEdit(Frozen, frozen=True):
    """`text` in place of what stands there, places as in WireDiagnostic; both ends the same where
    nothing is replaced."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class WireFix(Frozen, frozen=True):
    """What the tool offers to mend it. `preferred` where it may be done unseen."""

    title: str
    edits: tuple[WireEdit, ...]
    preferred: bool = False


class WireDiagnostic(Frozen, frozen=True, omit_defaults=False):
    """`file` is absolute on the host; lines and columns are 1-based, columns count characters
    (Unicode code points); `end_column` is exclusive. `href` documents the code; `rendered` is
    what the tool itself printed, where that says more than the message."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity
    code: str
    message: str
    source: str
    href: str = ""
    tags: tuple[Tag, ...] = ()
    related: tuple[WireRelated, ...] = ()
    fixes: tuple[WireFix, ...] = ()
    rendered: str = ""


class WireTest(Frozen, frozen=True):
    """How a test ended. `path` is its place in the tree of tests: package or file, suites, its own
    name. `duration` is in seconds, absent where the tool does not tell; `file`, `line` and
    `column` are where it failed, else where it stands, absent where nobody told."""

    path: tuple[str, ...]
    state: TestState
    source: str
    duration: float | None = None
    message: str = ""
    output: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


class RunResult(Frozen, frozen=True):
    """How a run ended, with the diagnostics that its task now owns (for an ad-hoc run: none), and
    the tests that this run told of."""

    run: Run
    diagnostics: tuple[WireDiagnostic, ...] = ()
    tests: tuple[WireTest, ...] = ()


class ExecParams(Frozen, frozen=True):
    """Run a command. `directory` is absolute on the host and inside the project or one of its
    mounts. `stdin` False connects the command to nothing. `terminal` is the path inside of a
    terminal that the client has opened by `buildd/terminal`, which also told whether it is
    `relayed`; then there are no pipes. `umask`
    absent is the environment's own. The request lives as long as the run; `buildd/ready` tells
    where its pipes are."""

    project: str
    command: tuple[str, ...]
    directory: str
    environment: str = ""
    env: dict[str, str] = {}
    stdin: bool = True
    terminal: Annotated[str, msgspec.Meta(pattern="^(/dev/pts/[0-9]+)?$")] = ""
    relayed: bool = False
    umask: int | None = None


class TerminalResult(Frozen, frozen=True):
    """`multiplexer` is the path by which the client opens a terminal of the environment (as of
    ptmx(4)), empty if there is none. `relayed`: it is one of this machine, between which and one
    of the engine's the daemon moves the bytes. `history` is a directory inside that outlives the
    container, empty where everything does."""

    multiplexer: str
    relayed: bool = False
    history: str = ""


class Ready(Frozen, frozen=True):
    """Named pipes of an ad-hoc run, to be opened by the client: `stdin` to write (empty if the
    run has none), `stdout` and `stderr` to read until their end; all empty in a terminal. The
    command starts once all are open."""

    run: str
    stdin: str = ""
    stdout: str = ""
    stderr: str = ""


class ResizeParams(Frozen, frozen=True):
    """The relayed terminal of the run `run` has another size, in characters."""

    project: str
    run: str
    rows: int
    columns: int


class CancelParams(Frozen, frozen=True):
    """Cancel the run `run`, or every run of `task`, or with neither every run of the project.
    `kill` skips the polite signals."""

    project: str
    task: str = ""
    run: str = ""
    kill: bool = False


class CancelResult(Frozen, frozen=True):
    """The ids of the runs that are being cancelled."""

    runs: tuple[str, ...]


class DiagnosticsParams(Frozen, frozen=True):
    """`task` empty means every owner."""

    project: str
    task: str = ""


class DiagnosticsResult(Frozen, frozen=True):
    diagnostics: tuple[WireDiagnostic, ...]


class TestsParams(Frozen, frozen=True):
    """`task` empty means every task."""

    __test__ = False

    project: str
    task: str = ""


class TaskTests(Frozen, frozen=True):
    """The tests of one task, as each ended last."""

    task: str
    tests: tuple[WireTest, ...]


class TestsResult(Frozen, frozen=True):
    """What is known of tests; tasks that told of none are left out."""

    __test__ = False

    tasks: tuple[TaskTests, ...]


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
    limit: int = 1000


class HistoryEntry(Frozen, frozen=True):
    """A stored run, and how many diagnostics it found."""

    run: Run
    errors: int = 0
    warnings: int = 0


class HistoryResult(Frozen, frozen=True):
    """Newest first."""

    runs: tuple[HistoryEntry, ...]


class EventsParams(Frozen, frozen=True):
    """Be told of changes, until the request is cancelled. `project` empty means every project that
    the daemon knows, now or later."""

    project: str = ""


class Changed(Frozen, frozen=True):
    """Something of the project is another: its status, a run, diagnostics, tests, trust."""

    project: str


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


class TrustSummary(Frozen, frozen=True):
    """What a project would do if trusted. `digest` names exactly this configuration; `lines` is
    the summary for a person; `files` are what the digest covers; `grants` are what consent must
    name besides; `changes` tell what is another than when the user last consented."""

    project: str
    digest: str
    trusted: bool
    lines: tuple[str, ...]
    files: tuple[str, ...]
    grants: tuple[Grant, ...] = ()
    changes: tuple[str, ...] = ()


class GrantParams(Frozen, frozen=True):
    """Consent to the configuration that `digest` names; refused if it has changed since, or if it
    asks for more than the `grants` named. `once`: for as long as this session lasts."""

    project: str
    digest: str
    grants: tuple[str, ...] = ()
    once: bool = False


class RevokeResult(Frozen, frozen=True):
    """Whether there was a consent to take back."""

    revoked: bool


class TaskStatus(Frozen, frozen=True):
    """`command` is what it runs; `current` and `last` are runs, absent where there is none."""

    name: str
    command: str | tuple[str, ...]
    environment: str
    on_save: bool
    current: Run | None = None
    last: Run | None = None
    errors: int = 0
    warnings: int = 0


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


class StatusResult(Frozen, frozen=True):
    """`uptime` is in seconds, `memory` (resident) in bytes; `counts` is what was done since the
    start."""

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


class DebugResult(Frozen, frozen=True):
    """How the daemon is inside, as text for a bug report, without secrets."""

    report: str


class DoctorResult(Frozen, frozen=True):
    checks: tuple[Check, ...]


class StopParams(Frozen, frozen=True):
    """End the daemon. Refused while runs are under way, unless `force`."""

    force: bool = False


class Nothing(Frozen, frozen=True):
    """No parameters, or no result."""


class Method(msgspec.Struct, frozen=True):
    """One request that a client may send."""

    params: type[msgspec.Struct]
    result: type[msgspec.Struct]


METHODS: dict[str, Method] = {
    "buildd/hello": Method(Hello, HelloResult),
    "buildd/status": Method(StatusParams, StatusResult),
    "buildd/up": Method(UpParams, EnvironmentStatus),
    "buildd/down": Method(EnvironmentParams, DownResult),
    "buildd/belongings": Method(BelongingsParams, BelongingsResult),
    "buildd/clean": Method(CleanParams, CleanResult),
    "buildd/run": Method(RunParams, RunResult),
    "buildd/image": Method(ImageParams, ImageResult),
    "buildd/watch": Method(WatchParams, Nothing),
    "buildd/events": Method(EventsParams, Nothing),
    "buildd/exec": Method(ExecParams, RunResult),
    "buildd/terminal": Method(EnvironmentParams, TerminalResult),
    "buildd/resize": Method(ResizeParams, Nothing),
    "buildd/cancel": Method(CancelParams, CancelResult),
    "buildd/diagnostics": Method(DiagnosticsParams, DiagnosticsResult),
    "buildd/tests": Method(TestsParams, TestsResult),
    "buildd/logs": Method(LogsParams, Nothing),
    "buildd/history": Method(HistoryParams, HistoryResult),
    "buildd/trust": Method(ProjectParams, TrustSummary),
    "buildd/grant": Method(GrantParams, TrustSummary),
    "buildd/revoke": Method(ProjectParams, RevokeResult),
    "buildd/doctor": Method(StatusParams, DoctorResult),
    "buildd/debug": Method(Nothing, DebugResult),
    "buildd/stop": Method(StopParams, Nothing),
}

NOTIFICATIONS: dict[str, type[msgspec.Struct]] = {
    "buildd/changed": Changed,
    "buildd/output": Output,
    "buildd/progress": Progress,
    "buildd/ready": Ready,
    "buildd/runStarted": Run,
    "buildd/runEnded": RunResult,
}
"""What the daemon sends while a request of the same session is under way."""

COMMANDS: dict[str, str] = {
    "buildd.build": "Run the task `build` (or the one named by the first argument).",
    "buildd.test": "Run the task `test`.",
    "buildd.run": "Run the task named by the first argument.",
    "buildd.runTest": "Run one test of a task: a code lens'.",
    "buildd.image": "Build the run image named by the first argument, after the tasks it needs.",
    "buildd.status": "Show how the project is.",
    "buildd.showLog": "Open the output of the newest run.",
    "buildd.cancel": "Cancel the project's runs.",
    "buildd.restartEnvironment": "Remove the container and make it anew.",
    "buildd.trust": "Show what the project would run, and ask for consent.",
    "buildd.explain": "Show what the tool itself says of a diagnostic's code.",
    "buildd.openDocumentation": "Open an address in the user's browser: a diagnostic's.",
}
"""`workspace/executeCommand`: a thin cover for clients that know no custom methods. Arguments:
the task's name where one is asked for, then optionally a directory or file of the project."""


class Envelope(msgspec.Struct):
    """A JSON-RPC message as it arrives, its parts still undecoded where they vary."""

    jsonrpc: str = ""
    id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"null")
    result: Any = msgspec.UNSET
    error: Any = msgspec.UNSET
