"""What a configuration asks for beyond a container of its own: each is consented to by its name."""

from __future__ import annotations

import os
from collections.abc import Iterator

from buildd.base.printable import printable
from buildd.base.variables import NO_SECRETS, taken_from_host
from buildd.config.trust.engine_sockets import holds_engine_socket, is_engine_socket
from buildd.model import EngineName, Environment, Grant, Project

HOST = "host"
ENGINE_SOCKET = "engine-socket"
HOST_PATHS = "host-paths"
CAPABILITIES = "capabilities"
SHARED_CACHES = "shared-caches"
SSH_AGENT = "ssh-agent"
SUDO = "sudo"
HOST_VARIABLES = "host-variables"
GIT_CONFIGURATION = "git-configuration"


def grants(project: Project) -> tuple[Grant, ...]:
    """Each once, with all that wants it."""
    wanted: dict[str, list[str]] = {}
    for environment in project.environments.values():
        for name, detail in _of(environment, project):
            wanted.setdefault(name, []).append(f"environment {environment.name}: {detail}")
    if project.given:
        wanted[HOST_VARIABLES] = [_given(list(project.given))]
    for task in project.tasks.values():
        if taken := _secrets(task.env):
            wanted.setdefault(HOST_VARIABLES, []).append(f"task {task.name}: {_given(taken)}")
    return tuple(Grant(name=name, detail="; ".join(found)) for name, found in wanted.items())


def _is_outside(path: str, project: Project) -> bool:
    return os.path.commonpath((path, project.path)) != project.path


def _secrets(env: dict[str, str]) -> list[str]:
    return [name for name in taken_from_host(env) if name not in NO_SECRETS]


def _given(names: list[str]) -> str:
    return f"is given what is in your variable {', '.join(names)}"


def _of(environment: Environment, project: Project) -> Iterator[tuple[str, str]]:
    if environment.engine is EngineName.HOST:
        yield HOST, "commands run on this machine itself, without a container"
    elif not environment.protect_git:
        detail = "may write git's hooks and configuration, which git on this machine obeys"
        yield GIT_CONFIGURATION, detail
    if environment.engine is not EngineName.HOST and holds_engine_socket(project.path):
        yield ENGINE_SOCKET, "controls the engine, whose socket is in the project, and this machine"
    for mount in environment.mounts:
        shown = printable(mount.source)
        if is_engine_socket(mount.source):
            yield ENGINE_SOCKET, f"controls the engine through {shown}, and with it this machine"
        elif _is_outside(mount.source, project):
            access = "reads" if mount.read_only else "reads and writes"
            yield HOST_PATHS, f"{access} {shown}, which is outside the project"
    for path in (environment.context, *environment.secrets.values()):
        if path and _is_outside(path, project):
            shown = printable(path)
            yield HOST_PATHS, f"the build of its image reads {shown}, which is outside the project"
    if environment.limits.cap_add:
        names = " ".join(environment.limits.cap_add)
        yield CAPABILITIES, f"root in it has {names}, and some let it control this machine"
    if shared := [name for name, cache in environment.caches.items() if cache.shared]:
        yield SHARED_CACHES, f"fills {' '.join(shared)}, which other projects use too"
    if environment.ssh_agent:
        yield SSH_AGENT, "can log in wherever your keys can"
    if environment.sudo:
        yield SUDO, "its user can become root in it, and write as root to what it sees"
    if taken := _secrets(environment.env):
        yield HOST_VARIABLES, _given(taken)
