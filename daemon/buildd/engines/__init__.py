"""This folder holds the engines, which provide environments.

Each engine is a module with the functions of `Engine`. To add one, write the module and add a line
to `ENGINES`.
"""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol, cast

import msgspec

from buildd.files.state_dirs import owner, pipes_of, state_of
from buildd.model import Check, EngineName, Environment, Mount, Project, Resource, RunImage
from buildd.paths import private_dir, short_hash

ENGINES = {
    EngineName.DOCKER: "buildd.engines.docker.engine",
    EngineName.PODMAN: "buildd.engines.podman",
    EngineName.HOST: "buildd.engines.host",
}
"""The modules are named, not imported: importing the Docker SDK takes longer than a warm run."""

OnProgress = Callable[[str, int | None], None]
"""Receives what is being done and a percentage, if known. It can be called from any thread."""


class ProcessState(msgspec.Struct, frozen=True):
    """The state of a process that was started in an environment.

    `process` is its id on the host, 0 if unknown; `exit_status` is None while it runs.
    """

    process: int
    exit_status: int | None = None


Inspect = Callable[[], Awaitable[ProcessState]]
"""Returns the state of one process."""

Launch = Callable[[str, Sequence[str]], Awaitable[Inspect]]
"""Starts `sh SCRIPT RUN_DIRECTORY ARGUMENT…` in the environment, detached. The script is in the run
directory; its name and the arguments are given."""


class Attachment(Protocol):
    """A command that the engine runs attached to the daemon.

    Reading, writing and disconnecting block: call them in threads.
    """

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield the output as (1 for stdout or 2 for stderr, data) until both streams end."""

    def write(self, data: bytes) -> None:
        """Send input to the command. Raises OSError after its end."""

    def end_input(self) -> None:
        """Close the command's standard input."""

    def disconnect(self) -> None:
        """End `pieces` and `write`, wherever they wait."""

    def close(self) -> None:
        """Release the connection, after `pieces` and `write` have returned."""

    async def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal a new size, in characters."""

    async def inspect(self) -> ProcessState:
        """Return the state of the command. Raises EngineError."""


Attach = Callable[[Sequence[str], bool], Awaitable[Attachment]]
"""Runs a command attached, in a terminal of the engine if the second argument is true."""


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image that the engine has."""

    id: str = ""
    definition: str = ""
    """The digest of the definition if buildd built the image, else the image's name."""
    parts: dict[str, str] = {}
    """The parts that the digest covers, as in `ImageDefinition`."""
    tag: str = ""
    """The name that buildd gave to the image it built; else empty."""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """An instance is an environment that is up, so that runs can be started in it."""

    run_directory: str
    """The path of the run directory on the host."""
    launch: Launch
    """Starts a supervisor in the environment."""
    attach: Attach | None = None
    """Runs a command through the engine; None if the engine has no such way."""
    shared: bool = False
    """Whether the runs' user is neither this user nor root, so that the run directory must be open
    to every user in the container."""
    mounts: tuple[Mount, ...] = ()
    """How the container sees the host's files; empty if the paths are the same."""
    guarded: tuple[tuple[str, int, int, int], ...] = ()
    """The files that the container cannot write, as `git_guards.file_identity` returns them."""
    remarks: tuple[str, ...] = ()
    """Sentences about what the user may not expect."""
    slow: str = ""
    """Why no supervisor is possible; empty if one is."""
    group: dict[str, str] = {}
    """The files that count how often limits were reached, from `cgroup.group_of`."""
    history: str = ""
    """A directory in the container that outlives it; empty if all directories do."""
    container: str = ""
    image: str = ""
    definition: str = ""
    """As in `Image`."""
    parts: dict[str, str] = {}
    """As in `Image`."""


class Engine(Protocol):
    """The functions that each engine's module has. None of them blocks the event loop."""

    async def up(
        self,
        project: Project,
        environment: Environment,
        report: OnProgress,
        *,
        rebuild: bool = False,
        fresh: bool = False,
    ) -> Instance:
        """Adopt the environment's container, or make it and its image; return the instance.

        `fresh` makes a new container, and `rebuild` a new image too. Cancelling it stops the pull,
        build or creation, and leaves nothing behind. Raises EngineError.
        """

    async def image(
        self,
        project: Project,
        environment: Environment,
        report: OnProgress,
        *,
        rebuild: bool = False,
    ) -> Image:
        """Pull or build the environment's image as it is defined now, and leave its container.

        `rebuild` makes a new image. Cancelling it stops the pull or build. Raises EngineError.
        """

    async def stop(self, project: str, environment: str) -> bool:
        """Stop the environment's container, which `up` starts again; return whether one ran."""

    async def run_image(self, project: Project, image: RunImage, report: OnProgress) -> str:
        """Build a run image, give it its tag, and return its id.

        Cancelling it stops the build. Raises ImageError.
        """

    async def list_resources(self) -> list[Resource]:
        """Return everything that this daemon has made in the engine. Raises EngineError."""

    async def remove_resource(self, resource: Resource) -> None:
        """Remove a resource. Raises EngineError if it cannot be removed."""

    async def remove_environment(self, project: str, environment: str, *, reclaim: bool) -> None:
        """Remove the environment's container and its caches.

        With `reclaim`, files that the container wrote in the project's directory are given to this
        user first, so that they can be removed. Raises EngineError.
        """

    async def is_available(self) -> bool:
        """Return whether the engine exists, even if it refuses this user or does not answer."""

    async def checks(self) -> list[Check]:
        """Return what `buildd doctor` shows about the engine."""


def engine(name: EngineName) -> Engine:
    """Import and return the module of an engine. It may block: call it in a thread."""
    return cast("Engine", importlib.import_module(ENGINES[name]))


def environment_key(project: str, environment: str) -> str:
    """Return 16 hexadecimal digits that identify an environment in an engine."""
    return short_hash(owner(), project, environment)


def run_directory(project: str, environment: str) -> str:
    """Return the host's directory for the pipes of an environment's runs, made if missing."""
    return private_dir(os.path.join(private_dir(pipes_of(project)), environment))


def creation_record(project: str, environment: str) -> str:
    """Return the file that records in which container `on-create` started, and whether it ended."""
    return os.path.join(private_dir(os.path.join(state_of(project), "created")), environment)


def remove_environment_files(project: str, environment: str) -> None:
    """Remove all files on the host that belong to one environment."""
    state = state_of(project)
    for parent in (pipes_of(project), os.path.join(state, "environments")):
        shutil.rmtree(os.path.join(parent, environment), ignore_errors=True)
    for kind in ("created", "mounts"):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(state, kind, environment))
    with suppress(OSError):
        os.rmdir(pipes_of(project))


def history_directory(project: str, environment: str) -> str:
    """Return the host's directory for the history of an environment's shells, made if missing."""
    parent = private_dir(os.path.join(state_of(project), "environments"))
    return private_dir(os.path.join(parent, environment))
