"""Engines: what makes environments. One module each, with the functions that `Engine` lists.

To add one: write the module, and add a line to `ENGINES`.
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
"""Named, not imported: the Docker SDK takes longer to import than a warm run takes."""

OnProgress = Callable[[str, int | None], None]
"""Told what is being done, and a percentage where there is one. May be called from any thread."""


class Guest(msgspec.Struct, frozen=True):
    """A process that was started in an environment: `process` is its id as this machine counts,
    0 if that is not known; `exit_status` is None while it runs."""

    process: int
    exit_status: int | None = None


Inspect = Callable[[], Awaitable[Guest]]
Launch = Callable[[str, Sequence[str]], Awaitable[Inspect]]
"""Starts `sh SCRIPT RUN_DIRECTORY ARGUMENT…` in the environment, detached, given the name of the
script in the run directory and the arguments."""


class Attachment(Protocol):
    """A command that runs attached to us through the engine. Reading, writing and leaving block."""

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """What it writes, as (1 or 2 for the stream, data), until both streams have ended."""

    def write(self, data: bytes) -> None:
        """Give it input. Raises OSError once it has gone."""

    def end_input(self) -> None:
        """It gets no more."""

    def leave(self) -> None:
        """End `pieces` and `write`, wherever they wait."""

    def close(self) -> None:
        """Give it back, once nobody uses its streams any more."""

    async def resize(self, rows: int, columns: int) -> None:
        """Give its terminal another size."""

    async def inspect(self) -> Guest:
        """How it stands."""


Attach = Callable[[Sequence[str], bool], Awaitable[Attachment]]
"""Runs a command, in a terminal of the engine's making if the second argument is true."""


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image that the engine has, by its id. `definition` is what it was made from: a digest
    where buildd built it, and gave it the name `tag`; else the image's name. `parts` is what the
    digest covers, as in `Definition`."""

    id: str = ""
    definition: str = ""
    parts: dict[str, str] = {}
    tag: str = ""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that is up. `run_directory` is on the host; `mounts` is how the container sees
    the host's files, empty where it sees them as they are; `history` is a directory inside that
    outlives the container, empty where everything does. `guarded` is which files it may not write,
    as `git_guards.identity` tells; `remarks` say what is not as one may expect; `slow` why there
    can be no supervisor, if so; `group` is where its limits are counted, as `cgroup.group_of`
    tells. `attach` is how to run a command through the engine itself, None where there is none.
    `definition` and `parts` are what its image was made from, as in `Image`. `shared`: the runs'
    user is neither us nor root, and may use the run directory only if everyone inside may."""

    run_directory: str
    launch: Launch
    attach: Attach | None = None
    shared: bool = False
    mounts: tuple[Mount, ...] = ()
    guarded: tuple[tuple[str, int, int, int], ...] = ()
    remarks: tuple[str, ...] = ()
    slow: str = ""
    group: dict[str, str] = {}
    history: str = ""
    container: str = ""
    image: str = ""
    definition: str = ""
    parts: dict[str, str] = {}


class Engine(Protocol):
    """The functions of an engine's module. None of them blocks the event loop."""

    async def up(
        self,
        project: Project,
        environment: Environment,
        report: OnProgress,
        *,
        rebuild: bool = False,
        fresh: bool = False,
    ) -> Instance:
        """Have the environment up: adopt its container, or make it, and its image if need be.
        `fresh` makes a new container; `rebuild` a new image too. Cancelling it ends what is being
        pulled, built or made, and leaves nothing of it. Raises EngineError."""

    async def image(
        self,
        project: Project,
        environment: Environment,
        report: OnProgress,
        *,
        rebuild: bool = False,
    ) -> Image:
        """Have the environment's image as it is defined now, and leave its container as it is.
        `rebuild` makes a new one. Cancelling it ends that. Raises EngineError."""

    async def stop(self, project: str, environment: str) -> bool:
        """Stop the environment's container, which `up` starts again; whether one ran."""

    async def run_image(self, project: Project, image: RunImage, report: OnProgress) -> str:
        """Build a run image and give it its tag; its id. Cancelling it ends the build. Raises
        ImageError, or ChangedFileError where a file is not what was consented to."""

    async def belongings(self) -> list[Resource]:
        """What every project of ours has left in the engine. Raises EngineError."""

    async def dispose(self, one: Resource) -> None:
        """Remove it. Raises EngineError where it stays."""

    async def discard(self, project: str, environment: str, *, reclaim: bool) -> None:
        """Remove the environment's container and its caches. With `reclaim`, what it wrote in the
        project's directory is ours from then on, so that it can be removed. Raises EngineError."""

    async def is_there(self) -> bool:
        """Whether there is an engine; one that refuses us, or does not answer in time, is."""

    async def checks(self) -> list[Check]:
        """What `buildd doctor` should know about the engine."""


def engine(name: EngineName) -> Engine:
    """The engine `name`; imports its module, which may take a while (call it in a thread)."""
    return cast("Engine", importlib.import_module(ENGINES[name]))


def environment_key(project: str, environment: str) -> str:
    """16 hexadecimal digits that name an environment among all that an engine has."""
    return short_hash(owner(), project, environment)


def run_directory(project: str, environment: str) -> str:
    """Where the pipes of an environment's runs are, on the host; made if missing."""
    return private_dir(os.path.join(private_dir(pipes_of(project)), environment))


def creation_record(project: str, environment: str) -> str:
    """The file that tells in which container `on-create` was begun, and whether it is done."""
    return os.path.join(private_dir(os.path.join(state_of(project), "created")), environment)


def forget(project: str, environment: str) -> None:
    """Remove what is kept on the host of an environment alone."""
    state = state_of(project)
    for parent in (pipes_of(project), os.path.join(state, "environments")):
        shutil.rmtree(os.path.join(parent, environment), ignore_errors=True)
    for kind in ("created", "mounts"):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(state, kind, environment))
    with suppress(OSError):
        os.rmdir(pipes_of(project))


def history_directory(project: str, environment: str) -> str:
    """What an environment's shells remember, on the host; made if missing."""
    parent = private_dir(os.path.join(state_of(project), "environments"))
    return private_dir(os.path.join(parent, environment))
