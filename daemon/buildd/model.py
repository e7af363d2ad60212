"""The words of the project as data: Project, Environment, Task, Run, Diagnostic. No I/O.

Every path is absolute and on the host unless its docstring says otherwise. Every line and column
is 1-based; a column carries the unit in which its tool counted it.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec


class Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The base of what never changes once made, and may cross the wire in camelCase."""


# --- diagnostics


class Severity(enum.StrEnum):
    """How bad; LSP's four."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


class ColumnUnit(enum.StrEnum):
    """What a tool counted when it said 'column 7'."""

    BYTE = "byte"
    CODE_POINT = "code-point"
    UTF16 = "utf-16"
    DISPLAY = "display"
    """Columns on the screen: wide characters take two, a tab leads to the next stop."""


class Span(Frozen, frozen=True):
    """A place in a file. `column` is None where the tool named only the line; `end_column` is
    exclusive (one past the last), and None where the tool gave no end. `built` is the digest of
    the text that all of them count in, as `built.py` makes it; empty if that is not known."""

    file: str
    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    unit: ColumnUnit = ColumnUnit.BYTE
    tab_width: int = 8
    built: str = ""


class Related(Frozen, frozen=True):
    """A note that belongs to a diagnostic, at a place of its own."""

    span: Span
    message: str


class Tag(enum.StrEnum):
    """What more an editor may show of a finding's place; LSP's two."""

    UNNECESSARY = "unnecessary"
    DEPRECATED = "deprecated"


class Edit(Frozen, frozen=True):
    """Text in place of what a span holds. Here `end_column` None means that nothing is replaced:
    the text goes in before `column`."""

    span: Span
    text: str


class Fix(Frozen, frozen=True):
    """What a tool offers to mend a finding. `preferred` where it may be done unseen."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


class Diagnostic(Frozen, frozen=True):
    """One finding of one tool. `source` is the tool's name (`gcc`); `code` its own name for the
    finding (`-Wunused-variable`), or empty; `href` leads to the documentation of that. `rendered`
    is the finding as the tool itself printed it, where that says more than the message."""

    span: Span
    severity: Severity
    message: str
    source: str
    code: str = ""
    href: str = ""
    tags: tuple[Tag, ...] = ()
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    rendered: str = ""


class TestState(enum.StrEnum):
    """How a test ended."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    """What it asserts does not hold."""
    ERRORED = "errored"
    """It could not be carried out."""
    SKIPPED = "skipped"


class TestResult(Frozen, frozen=True):
    """One test of one run. `path` is its place in the tree: package or file, suites, its own name.

    `duration` is in seconds, None where the tool does not tell; `span` is where it failed, or
    where it stands; `output` is what it printed.
    """

    __test__ = False

    path: tuple[str, ...]
    state: TestState
    source: str
    duration: float | None = None
    message: str = ""
    span: Span | None = None
    output: str = ""


# --- configuration


class Mount(Frozen, frozen=True):
    """A host directory seen at `target` (absolute, in the container)."""

    source: str
    target: str
    read_only: bool = False


class EngineName(enum.StrEnum):
    """Which engine makes an environment."""

    DOCKER = "docker"
    PODMAN = "podman"
    HOST = "host"


class Cache(Frozen, frozen=True):
    """A directory of the container, `path`, that outlives it: the project's own, or `shared` with
    every project that declares one of this name so."""

    path: str
    shared: bool = False


class Limits(Frozen, frozen=True):
    """What an environment may use. Sizes are in bytes; 0 is no limit, but the engine's own size
    for `shm_size` and in `tmpfs`, which maps directories that are kept in memory to their sizes.

    `cpus` are processors, in parts of one too; `processes` how many there may be at once; `gpus`
    how many are given, -1 for all. `cap_add` are capabilities beside the usual ones: `NET_ADMIN`.
    """

    memory: int = 0
    cpus: float = 0.0
    processes: int = 16384
    network: bool = True
    cap_add: tuple[str, ...] = ()
    gpus: int = 0
    shm_size: int = 0
    tmpfs: dict[str, int] = {}


class Hook(Frozen, frozen=True):
    """A command that makes an environment ready; as a string for the shell, or a tuple of
    arguments without one. `name` leads to it from its key: empty where the key holds it itself."""

    command: str | tuple[str, ...]
    name: tuple[str, ...] = ()


Steps = tuple[tuple[Hook, ...], ...]
"""Hooks: one step after the other, those of a step at the same time."""


class Pull(enum.StrEnum):
    """When an image is fetched from its registry."""

    MISSING = "missing"
    ALWAYS = "always"
    NEVER = "never"


class OnChange(enum.StrEnum):
    """What happens when a file changes that an environment's image is built from."""

    REBUILD = "rebuild"
    ASK = "ask"


class Environment(Frozen, frozen=True):
    """Where commands run. Of `image` and `dockerfile` one is set, on the host engine neither.

    `context` is the directory that COPY and ADD see, empty for none; `target` the stage to build,
    empty for the last; `secrets` maps the names by which RUN mounts them to files; `rebuild_on` are
    files whose change builds the image again, beside what the Dockerfile takes.
    `project_target` is where the project's directory is seen in the container. `user` is `host`
    (the host user's uid and gid), `image`, `root`, or a user of the image, who gets the ids of the
    host's. `caches` are by name. `sudo`: its user may
    become root inside. `ssh_agent`: it may use the user's own. `init`: a process of the engine's
    collects what others leave. Values of `env` may hold variables, as `variables.py` knows
    them. `on_create` runs inside once a container was made, `on_start` each time the environment
    becomes warm.
    """

    name: str
    engine: EngineName = EngineName.DOCKER
    image: str = ""
    dockerfile: str = ""
    context: str = ""
    target: str = ""
    build_args: dict[str, str] = {}
    secrets: dict[str, str] = {}
    rebuild_on: tuple[str, ...] = ()
    on_change: OnChange = OnChange.REBUILD
    pull: Pull = Pull.MISSING
    project_target: str = ""
    user: str = "host"
    caches: dict[str, Cache] = {}
    mounts: tuple[Mount, ...] = ()
    env: dict[str, str] = {}
    limits: Limits = Limits()
    sudo: bool = False
    ssh_agent: bool = False
    init: bool = True
    on_create: Steps = ()
    on_start: Steps = ()
    protect_git: bool = True


class OnNewer(enum.StrEnum):
    """What a run that a save started does when a newer one is asked for."""

    RESTART = "restart"
    QUEUE = "queue"


class Task(Frozen, frozen=True):
    """A named command. `command` is a string for the shell, or a tuple of arguments without one.

    `on_save` holds gitignore-style patterns relative to the project (`("**",)` for every file),
    empty for never. `debounce` is in seconds. `matchers` are the user's own patterns: errorformats,
    and problem matchers as objects or as names behind a `$`. `parsers` empty means: chosen from the
    output, or none where there are matchers.
    `on_newer` is what becomes of a run that nobody asked for but a save, when a newer one comes.
    `grace` is the seconds that a cancel leaves after SIGINT, and after SIGTERM. `select` is the
    command for some tests only, with `{tests}` for their names; empty for the tool's own way.
    `outputs` are files or directories that it makes, relative to the project.
    """

    name: str
    command: str | tuple[str, ...]
    environment: str
    parsers: tuple[str, ...] = ()
    matchers: tuple[str | dict[str, Any], ...] = ()
    on_save: tuple[str, ...] = ()
    debounce: float = 0.003
    on_newer: OnNewer = OnNewer.RESTART
    grace: tuple[float, float] = (2.0, 2.0)
    directory: str = ""
    env: dict[str, str] = {}
    select: str = ""
    outputs: tuple[str, ...] = ()


class RunImage(Frozen, frozen=True):
    """An image that is built from what the tasks `needs` have made, and then called `tag`."""

    name: str
    dockerfile: str
    context: str
    tag: str
    needs: tuple[str, ...] = ()
    target: str = ""
    build_args: dict[str, str] = {}


class Project(Frozen, frozen=True):
    """A directory with a configuration. `path` is canonical; `config_file` is what stands for the
    configuration; `files` are all files whose content trust covers, `config_file` first. `remarks`
    are about what another tool's configuration asks for and cannot have; `given` are the variables
    of this machine whose values were filled in from there."""

    path: str
    config_file: str
    files: tuple[str, ...]
    environments: dict[str, Environment]
    tasks: dict[str, Task] = {}
    images: dict[str, RunImage] = {}
    default_environment: str = ""
    remarks: tuple[Diagnostic, ...] = ()
    given: tuple[str, ...] = ()


class Grant(Frozen, frozen=True):
    """What a configuration asks for that consent must name. `detail` says what wants it."""

    name: str
    detail: str


# --- what is left


class BelongingKind(enum.StrEnum):
    """What a project leaves outside its directory; what uses others first."""

    CONTAINER = "container"
    IMAGE = "image"
    CACHE = "cache"
    STATE = "state"
    """Logs, results, histories: in buildd's own directories."""
    CONSENT = "consent"


class Belonging(Frozen, frozen=True):
    """One thing that buildd made for a project. `id` names it among all of them, `name` is for the
    user; `project` is empty where several share it, `environment` and `engine` where it belongs to
    none. `size` is the bytes that its removal frees, -1 if that is not known."""

    kind: BelongingKind
    id: str
    name: str
    project: str
    environment: str = ""
    engine: str = ""
    size: int = -1


# --- runs


class RunState(enum.StrEnum):
    """Where a run is. The last five are ends."""

    QUEUED = "queued"
    PREPARING = "preparing"
    """Its environment is being built or started."""
    RUNNING = "running"
    FINISHED = "finished"
    """The command ran and ended; `exit_status` is its own."""
    CANCELLED = "cancelled"
    LOST = "lost"
    """The environment or the daemon went away under it."""
    FAILED = "failed"
    """It never started: no engine, an image that does not build; `error` says why."""

    @property
    def ended(self) -> bool:
        return self not in (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING)


class Trigger(enum.StrEnum):
    """What asked for a run."""

    SAVE = "save"
    WATCH = "watch"
    REQUEST = "request"


class Run(Frozen, frozen=True):
    """What is known of one run. Times are seconds since the epoch, 0 where not yet reached.

    `exit_status` is the command's own, 128+n where signal n ended it, None until it ended.
    `only` are the tests that alone were asked for, empty for all; each as in `TestResult.path`.
    `user_time` and `system_time` are seconds of processor time that it and its children took, 0
    where that is not known. `output_bytes` is what of its output is stored. `remarks` say which of
    its environment's limits a command met that failed.
    """

    id: str
    project: str
    task: str
    """Empty for an ad-hoc command (`buildd exec`)."""
    environment: str
    command: str | tuple[str, ...]
    trigger: Trigger
    state: RunState = RunState.QUEUED
    created: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    exit_status: int | None = None
    user_time: float = 0.0
    system_time: float = 0.0
    error: str = ""
    output_bytes: int = 0
    only: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()


class Check(Frozen, frozen=True):
    """One finding of `buildd doctor`. `state` is `ok`, `warning` or `error`."""

    name: str
    state: str
    detail: str
    remedy: str = ""
