"""Docker as an engine: one warm container per environment, adopted by its labels."""

from __future__ import annotations

import asyncio
import hashlib
import os
import pwd
from collections.abc import Sequence
from typing import Any, cast

import docker.errors
import msgspec
from docker.models.containers import Container
from docker.types import Mount as DockerMount

from buildd.engines import (
    Attachment,
    Guest,
    Inspect,
    Place,
    Report,
    docker_exec,
    environment_key,
    history_directory,
    run_directory,
)
from buildd.engines.docker_client import client, in_thread
from buildd.engines.docker_image import LABEL_ENVIRONMENT, LABEL_PROJECT, ensure
from buildd.errors import EngineError
from buildd.model import Check, Environment, Mount, Project
from buildd.paths import runtime_dir

LABEL_HASH = "buildd.hash"
INNER_RUN_DIRECTORY = "/run/buildd"
INNER_HISTORY = "/var/lib/buildd"
LAYOUT = 2
"""Raised when containers made by an older buildd are of no use to a newer one."""

# Waits for ever in nothing but a shell; the engine's init passes SIGTERM on.
_WAIT = "trap 'exit 0' TERM; while :; do sleep 86400 & wait; done"

# As root: gives the user a name and a home where the image knows neither, and the caches' roots
# to the user. Appends; what the image says of its own users stays.
_PREPARE = """
uid=$1 gid=$2 name=$3 home=$4; shift 4
if ! grep -q "^[^:]*:[^:]*:$gid:" /etc/group; then echo "$name:x:$gid:" >>/etc/group; fi
if ! grep -q "^[^:]*:[^:]*:$uid:" /etc/passwd; then
    grep -q "^$name:" /etc/passwd && name=$name-host
    echo "$name:x:$uid:$gid:$name:$home:/bin/sh" >>/etc/passwd
    mkdir -p "$home" && chown "$uid:$gid" "$home"
fi
for cache; do chown "$uid:$gid" "$cache"; done
"""


async def up(
    project: Project,
    environment: Environment,
    report: Report,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Place:
    """Adopt the environment's container, or make it, and its image if need be."""
    directory = run_directory(project.path, environment.name)
    mounts = (
        Mount(source=project.path, target=environment.project_target or project.path),
        *environment.mounts,
    )

    _refuse_control_socket(mounts)

    def work() -> tuple[str, str, str, bool]:
        image = ensure(project, environment, report, rebuild=rebuild)
        user = _user(environment)
        container = _container(
            project, environment, image, user, mounts, directory, report, fresh=fresh or rebuild
        )
        shared = not user and _has_another_user(container)
        if shared:
            # Only inside: on the host, the directory above it stays closed to others.
            os.chmod(history_directory(project.path, environment.name), 0o777)  # noqa: S103
        return cast("str", container.id), image, user, shared

    container, image, user, shared = await in_thread(work)

    async def launch(script: str, arguments: Sequence[str]) -> Inspect:
        command = ["/bin/sh", f"{INNER_RUN_DIRECTORY}/{script}", INNER_RUN_DIRECTORY, *arguments]
        started = await in_thread(_launch, container, user, command)

        async def inspect() -> Guest:
            return await in_thread(docker_exec.inspect, started)

        return inspect

    async def attach(command: Sequence[str], terminal: bool) -> Attachment:  # noqa: FBT001
        return await docker_exec.attach(container, user, command, terminal)

    return Place(
        run_directory=directory,
        launch=launch,
        attach=attach,
        shared=shared,
        mounts=mounts,
        history=INNER_HISTORY,
        container=container,
        image=environment.image or image,
    )


async def down(project: str, environment: str) -> bool:
    """Remove the environment's containers; whether there were any."""

    def work() -> bool:
        found = _find(project, environment)
        for container in found:
            container.remove(force=True, v=True)
        return bool(found)

    return await in_thread(work)


async def checks() -> list[Check]:
    """Whether the engine answers, and which it is."""

    def work() -> dict[str, Any]:
        return client().version()

    try:
        version = await asyncio.wait_for(in_thread(work), 10)
    except TimeoutError:
        return [_bad("it does not answer within 10 s", "Look at `docker info`; restart it.")]
    except EngineError as error:
        return [_bad(error.message, error.remedy)]
    detail = f"{version.get('Version')} (API {version.get('ApiVersion')}, {version.get('Os')})"
    return [Check(name="Docker engine", state="ok", detail=detail)]


def _refuse_control_socket(mounts: tuple[Mount, ...]) -> None:
    """Whoever reaches the daemon's socket can run anything as the user: no container may."""
    runtime = os.path.realpath(runtime_dir())
    for mount in mounts:
        source = os.path.realpath(mount.source)
        if runtime == source or runtime.startswith(source.rstrip("/") + "/"):
            raise EngineError(
                f"{mount.source} holds buildd's own socket directory {runtime}, which no container "
                "may see",
                "Mount a directory below it, or set BUILDD_RUNTIME_DIR to another place.",
            )


def _bad(detail: str, remedy: str) -> Check:
    return Check(name="Docker engine", state="error", detail=detail, remedy=remedy)


def _user(environment: Environment) -> str:
    """`uid:gid` for runs, or empty for the image's own user."""
    if environment.user == "image":
        return ""
    # In rootless Docker the container's root is the host user.
    options = client().info().get("SecurityOptions") or []
    if environment.user == "root" or any("name=rootless" in option for option in options):
        return "0:0"
    return f"{os.getuid()}:{os.getgid()}"


def _has_another_user(container: Container) -> bool:
    """Whether its image's own user is neither root nor us, and so cannot enter what is ours."""
    name = str(container.attrs["Config"].get("User") or "").partition(":")[0]
    return name not in ("", "root", "0", str(os.getuid()))


def _find(project: str, environment: str) -> list[Container]:
    labels = [f"{LABEL_PROJECT}={project}", f"{LABEL_ENVIRONMENT}={environment}"]
    return client().containers.list(all=True, filters={"label": labels}, ignore_removed=True)


def _container(
    project: Project,
    environment: Environment,
    image: str,
    user: str,
    mounts: tuple[Mount, ...],
    directory: str,
    report: Report,
    *,
    fresh: bool,
) -> Container:
    """The running container of exactly this configuration; others of the environment go."""
    wanted = _configuration_hash(project, environment, image, user, mounts, directory)
    for container in _find(project.path, environment.name):
        if not fresh and container.labels.get(LABEL_HASH) == wanted:
            if container.status == "running":
                return container
            if container.status in ("exited", "created"):
                report("starting the container", None)
                try:
                    container.start()
                except docker.errors.APIError:
                    container.remove(force=True, v=True)
                    continue
                return container
        container.remove(force=True, v=True)
    report("making the container", None)
    container = _create(project, environment, image, user, mounts, directory, wanted)
    try:
        container.start()
        _prepare(container, environment, user)
    except BaseException:
        container.remove(force=True, v=True)
        raise
    return container


def _configuration_hash(
    project: Project,
    environment: Environment,
    image: str,
    user: str,
    mounts: tuple[Mount, ...],
    directory: str,
) -> str:
    # A directory that was deleted and made again has the same path, but the old container still
    # sees the old one.
    found = os.stat(project.path)
    parts = (LAYOUT, environment, image, user, mounts, directory, found.st_dev, found.st_ino)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def _create(
    project: Project,
    environment: Environment,
    image: str,
    user: str,
    mounts: tuple[Mount, ...],
    directory: str,
    wanted: str,
) -> Container:
    key = environment_key(project.path, environment.name)
    labels = {
        LABEL_PROJECT: project.path,
        LABEL_ENVIRONMENT: environment.name,
        LABEL_HASH: wanted,
    }
    binds = [
        DockerMount(target=m.target, source=m.source, type="bind", read_only=m.read_only)
        for m in mounts
    ]
    volumes = [
        DockerMount(target=target, source=f"buildd-{key}-{name}", type="volume", labels=labels)
        for name, target in environment.caches.items()
    ]
    history = history_directory(project.path, environment.name)
    ours = [
        DockerMount(target=INNER_RUN_DIRECTORY, source=directory, type="bind"),
        DockerMount(target=INNER_HISTORY, source=history, type="bind"),
    ]
    options: dict[str, Any] = {}
    if environment.memory:
        options["mem_limit"] = environment.memory
    if environment.processes:
        options["pids_limit"] = environment.processes
    if not environment.network:
        options["network_mode"] = "none"
    return client().containers.create(
        image,
        entrypoint=["/bin/sh", "-c", _WAIT],
        command=[],
        init=True,
        user="0:0" if user else "",
        name=f"buildd-{key}-{wanted[:6]}",
        labels=labels,
        mounts=[*binds, *volumes, *ours],
        working_dir=environment.project_target or project.path,
        environment=environment.env,
        **options,
    )


def _prepare(container: Container, environment: Environment, user: str) -> None:
    uid, _, gid = user.partition(":")
    caches = list(environment.caches.values())
    if not user or (uid == "0" and not caches):
        return
    name = pwd.getpwuid(int(uid)).pw_name if _has_name(int(uid)) else f"user{uid}"
    arguments = [uid, gid, name, f"/home/{name}", *caches]
    result = container.exec_run(["/bin/sh", "-c", _PREPARE, "prepare", *arguments], user="0:0")
    if result.exit_code != 0:
        text = cast("bytes", result.output).decode("utf-8", "replace").strip()
        raise EngineError(f"the container's user could not be made: {text}")


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _launch(container: str, user: str, command: list[str]) -> str:
    api = client().api
    created = api.exec_create(container, command, user=user, stdout=False, stderr=False)
    api.exec_start(created["Id"], detach=True)
    return cast("str", created["Id"])
