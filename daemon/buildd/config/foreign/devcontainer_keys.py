"""The keys of devcontainer.json: what is read, what is said of others, and what is silent."""

from __future__ import annotations

from collections.abc import Callable

from buildd.config.foreign.draft import Translation
from buildd.config.key_positions import Path


def _says(message: str, remedy: str = "") -> Callable[[Translation, Path], None]:
    return lambda into, key: into.remark(key, message, remedy)


def _notes(message: str, remedy: str = "") -> Callable[[Translation, Path], None]:
    return lambda into, key: into.note(key, message, remedy)


UNSUPPORTED = {
    "features": _says(
        "are not installed",
        "Install what they bring in a Dockerfile, and name that in `build.dockerfile`; or do it "
        "in `onCreateCommand`.",
    ),
    "dockerComposeFile": _says(
        "is not supported, and is left out", "Start its services by `docker compose up`."
    ),
    "initializeCommand": _says(
        "is not run, for it would run on this machine itself",
        "Run it yourself, or do it inside by `onCreateCommand`.",
    ),
    "appPort": _notes("has no effect: no port is published"),
    "forwardPorts": _notes("has no effect: no port is forwarded"),
    "postAttachCommand": _notes(
        "is not run: nothing is attached", "Use `postStartCommand` for what builds need."
    ),
}
"""What is said of what cannot be had."""

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

UNHEARD = (
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
"""What editors make of it, and what changes no build."""
