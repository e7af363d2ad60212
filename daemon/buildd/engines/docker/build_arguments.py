"""Build arguments for the `docker build` command. Pure.

Every user of the machine can read the arguments of a command, so a value that looks secret goes
through the environment: `--build-arg NAME` takes it from there. Others do not, because programs of
this machine read that environment: a repository could set PATH, LD_PRELOAD or DOCKER_HOST.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from buildd.base.masking import is_secret

_OF_TOOLS = re.compile(
    r"(?:ACTIONS|ARM|AWS|AZURE|BUILDKIT|BUILDX|CLOUDSDK|COMPOSE|CONTAINERD?|DOCKER|ECR|GCLOUD|GCR"
    r"|GIT|GLIBC|GNUPG|GOOGLE|GPG|KUBE|KUBERNETES|LD|MOBY|NOTARY|OTEL|PASSWORD_STORE|PODMAN|REGISTRY"
    r"|SSH|SSL|VAULT|XDG)(?:_|$)",
    re.IGNORECASE,
)
"""What begins so may be read by the command, its plugins and its credential helpers."""


def options(arguments: Mapping[str, str]) -> list[str]:
    """Return the options of the command."""
    found = []
    for name, value in arguments.items():
        found += ["--build-arg", name if _is_hidden(name) else f"{name}={value}"]
    return found


def variables(arguments: Mapping[str, str]) -> dict[str, str]:
    """Return what the command must find in its environment."""
    return {name: value for name, value in arguments.items() if _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return is_secret(name) and not _OF_TOOLS.match(name)
