"""This module finds the grants of a configuration: powers beyond its own container.

The user consents to each of them by its name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from buildd.base.containment import is_below
from buildd.base.printable import printable
from buildd.base.variables import NO_SECRETS, host_variables
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

_ENGINE_SOCKETS = ("docker.sock", "podman.sock", "containerd.sock")


def grants(project: Project) -> tuple[Grant, ...]:
    """Return the grants that the project asks for, each once, with all reasons."""
    details: dict[str, list[str]] = {}
    for environment in project.environments.values():
        for name, detail in _environment_grants(environment, project):
            details.setdefault(name, []).append(f"environment {environment.name}: {detail}")
    if project.host_variables:
        details[HOST_VARIABLES] = [_variables_detail(list(project.host_variables))]
    for task in project.tasks.values():
        if names := _secrets(task.env):
            detail = f"task {task.name}: {_variables_detail(names)}"
            details.setdefault(HOST_VARIABLES, []).append(detail)
    return tuple(Grant(name=name, detail="; ".join(found)) for name, found in details.items())


def is_engine_socket(path: str) -> bool:
    """Return whether a path is or contains an engine's socket, which controls this machine."""
    return os.path.basename(path) in _ENGINE_SOCKETS or any(
        os.path.exists(os.path.join(path, name)) for name in _ENGINE_SOCKETS
    )


def _is_outside(path: str, project: Project) -> bool:
    return not is_below(path, project.path)


def _secrets(env: dict[str, str]) -> list[str]:
    return [name for name in host_variables(env) if name not in NO_SECRETS]


def _variables_detail(names: list[str]) -> str:
    return f"gets the values of your variables: {', '.join(names)}"


def _environment_grants(environment: Environment, project: Project) -> Iterator[tuple[str, str]]:
    if environment.engine is EngineName.HOST:
        yield HOST, "commands run on this machine, without a container"
    elif not environment.protect_git:
        detail = "can write git's hooks and configuration, which git on this machine obeys"
        yield GIT_CONFIGURATION, detail
    for mount in environment.mounts:
        shown = printable(mount.source)
        if is_engine_socket(mount.source):
            yield ENGINE_SOCKET, f"controls the engine through {shown}, and so this machine"
        elif _is_outside(mount.source, project):
            access = "reads" if mount.read_only else "reads and writes"
            yield HOST_PATHS, f"{access} {shown}, which is outside the project"
    for path in (environment.context, *environment.secrets.values()):
        if path and _is_outside(path, project):
            shown = printable(path)
            yield HOST_PATHS, f"the build of its image reads {shown}, which is outside the project"
    if environment.limits.cap_add:
        names = " ".join(environment.limits.cap_add)
        detail = f"root in the container has {names}, and some let it control this machine"
        yield CAPABILITIES, detail
    if shared := [name for name, cache in environment.caches.items() if cache.shared]:
        yield SHARED_CACHES, f"shares caches with other projects: {' '.join(shared)}"
    if environment.ssh_agent:
        yield SSH_AGENT, "can log in wherever your keys can"
    if environment.sudo:
        detail = "its user can become root in the container, and write mounted files as root"
        yield SUDO, detail
    if secret_names := _secrets(environment.env):
        yield HOST_VARIABLES, _variables_detail(secret_names)
