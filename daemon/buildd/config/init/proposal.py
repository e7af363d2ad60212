"""How a kind of project is built: what a toolchain proposes, from what it sees of a directory."""

from __future__ import annotations

import os

from buildd.base.safe_open import open_regular
from buildd.model import Frozen

_LOOK = 64 << 10
"""Bytes of a file that are looked at."""


class TaskProposal(Frozen, frozen=True):
    """A task to propose. `comment` stands above it."""

    name: str
    run: str
    on_save: tuple[str, ...] = ()
    comment: str = ""


class Proposal(Frozen, frozen=True):
    """`dockerfile` is the text of a build.Dockerfile; `caches` and `env` are as in buildd.toml."""

    dockerfile: str
    tasks: tuple[TaskProposal, ...] = ()
    caches: dict[str, str] = {}
    env: dict[str, str] = {}


class ProjectDirectory(Frozen, frozen=True):
    """A directory and the names in it."""

    directory: str
    names: frozenset[str]

    def has(self, *names: str) -> bool:
        """Whether any of them is a file of the directory."""
        return any(
            name in self.names and os.path.isfile(os.path.join(self.directory, name))
            for name in names
        )

    def text(self, *names: str) -> str:
        """The beginning of the first of them that is a file and can be read, else empty."""
        for name in names:
            if self.has(name):
                try:
                    with open_regular(os.path.join(self.directory, name)) as file:
                        return file.read(_LOOK).decode("utf-8", "replace")
                except OSError:
                    continue
        return ""

    def unused(self, *names: str) -> str:
        """The first of the names that the directory does not hold, else the last."""
        return next((name for name in names if name not in self.names), names[-1])


def image(base: str, *run: str) -> str:
    """The text of a Dockerfile on `base`, with a RUN for each command."""
    lines = [
        "# The image in which this project is built; built again when this file changes.",
        f"FROM {base}",
        *(f"RUN {command}" for command in run),
    ]
    return "\n".join(lines) + "\n"


def debian(*packages: str) -> str:
    """The text of a Dockerfile with packages of Debian."""
    return image(
        "debian:bookworm-slim",
        "apt-get update \\\n"
        " && apt-get install --yes --no-install-recommends \\\n"
        f"        {' '.join(packages)} \\\n"
        " && rm -rf /var/lib/apt/lists/*",
    )
