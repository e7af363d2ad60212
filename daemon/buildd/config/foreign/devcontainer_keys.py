"""This module lists the keys of devcontainer.json: those read, unsupported and ignored."""

from __future__ import annotations

from collections.abc import Callable

from buildd.config.foreign.draft import Translation
from buildd.config.key_positions import Path


def _warning(message: str, remedy: str = "") -> Callable[[Translation, Path], None]:
    return lambda into, key: into.remark(key, message, remedy)


def _note(message: str, remedy: str = "") -> Callable[[Translation, Path], None]:
    return lambda into, key: into.note(key, message, remedy)


UNSUPPORTED = {
    "features": _warning(
        "are not installed",
        "Install the same programs in a Dockerfile, and name it in `build.dockerfile`; or install "
        "them in `onCreateCommand`.",
    ),
    "dockerComposeFile": _warning(
        "is not supported, and is ignored", "Start its services with `docker compose up`."
    ),
    "initializeCommand": _warning(
        "is not run, because it would run on the host",
        "Run it yourself, or run it in the container with `onCreateCommand`.",
    ),
    "appPort": _note("has no effect: buildd publishes no ports"),
    "forwardPorts": _note("has no effect: buildd forwards no ports"),
    "postAttachCommand": _note(
        "is not run, because nothing is attached",
        "Use `postStartCommand` for what your builds need.",
    ),
}
"""The function that reports each unsupported key."""

READ = (
    "build",
    "capAdd",
    "containerEnv",
    "containerUser",
    "context",
    "dockerFile",
    "image",
    "init",
    "mounts",
    "onCreateCommand",
    "overrideCommand",
    "postCreateCommand",
    "postStartCommand",
    "privileged",
    "remoteEnv",
    "remoteUser",
    "runArgs",
    "securityOpt",
    "updateContentCommand",
    "updateRemoteUserUID",
    "workspaceFolder",
    "workspaceMount",
)
"""The keys that `devcontainer.py` reads."""

IGNORED = (
    "$schema",
    "customizations",
    "devPort",
    "entrypoint",
    "extensions",
    "hostRequirements",
    "name",
    "otherPortsAttributes",
    "overrideFeatureInstallOrder",
    "portsAttributes",
    "runServices",
    "secrets",
    "service",
    "settings",
    "shutdownAction",
    "userEnvProbe",
    "waitFor",
)
"""Keys that only editors use, or that do not change a build."""
