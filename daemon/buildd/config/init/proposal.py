"""This module defines what a toolchain proposes, and what it can read of a directory."""

from __future__ import annotations

import os

from buildd.model import Frozen

_READ_LIMIT = 64 << 10
"""Bytes of a file that are read."""


class TaskProposal(Frozen, frozen=True):
    """A proposed task; `comment` is written above it in buildd.toml."""

    name: str
    run: str
    on_save: tuple[str, ...] = ()
    comment: str = ""


class Proposal(Frozen, frozen=True):
    """A proposed configuration.

    `dockerfile` is the text of a build.Dockerfile; `caches` and `env` are as in buildd.toml.
    """

    dockerfile: str
    tasks: tuple[TaskProposal, ...] = ()
    caches: dict[str, str] = {}
    env: dict[str, str] = {}


class ProjectDirectory(Frozen, frozen=True):
    """A directory with the names in it."""

    directory: str
    names: frozenset[str]

    def has(self, *names: str) -> bool:
        """Return whether any of the names is a file in the directory."""
        return any(
            name in self.names and os.path.isfile(os.path.join(self.directory, name))
            for name in names
        )

    def text(self, *names: str) -> str:
        """Return the beginning of the first of these files that can be read, else empty."""
        for name in names:
            if self.has(name):
                try:
                    with open(os.path.join(self.directory, name), "rb") as file:
                        return file.read(_READ_LIMIT).decode("utf-8", "replace")
                except OSError:
                    continue
        return ""

    def unused(self, *names: str) -> str:
        """Return the first of the names that is not in the directory, else the last one."""
        return next((name for name in names if name not in self.names), names[-1])


def image(base: str, *run: str) -> str:
    """Return the text of a Dockerfile on `base`, with a RUN for each command."""
    lines = [
        "# This project is built in this image. buildd rebuilds it when this file changes.",
        f"FROM {base}",
        *(f"RUN {command}" for command in run),
    ]
    return "\n".join(lines) + "\n"


def debian(*packages: str) -> str:
    """Return the text of a Dockerfile with these packages of Debian."""
    return image(
        "debian:bookworm-slim",
        "apt-get update \\\n"
        " && apt-get install --yes --no-install-recommends \\\n"
        f"        {' '.join(packages)} \\\n"
        " && rm -rf /var/lib/apt/lists/*",
    )
