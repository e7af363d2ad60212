"""This module finds the line of a Dockerfile at which a build failed, and a remedy."""

from __future__ import annotations

import difflib
import re

from buildd.engines.docker.client import PODMAN, service
from buildd.engines.docker.mounts import agent_socket
from buildd.engines.image_definition.digest import ImageDefinition
from buildd.engines.image_definition.dockerfile import Instruction

_NOTHING_SENT = re.compile(r"\b(?:COPY|ADD) failed|not found in build context|not found$")
_UNKNOWN = re.compile(r"unknown instruction: (\S+)", re.IGNORECASE)
_INSTRUCTIONS = (
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)


def line_of(definition: ImageDefinition, text: str) -> int:
    """Return the line of the instruction that an engine quotes as `text`, or 0."""
    words = text.split()
    for instruction in definition.parsed.instructions:
        if words and _words(instruction) == words:
            return instruction.line
    return 0


def build_remedy(definition: ImageDefinition, message: str, line: int) -> str:
    """Return what to do about a build that failed at a line, or empty if that is unknown."""
    source = definition.source
    if _NOTHING_SENT.search(message):
        if source.context:
            return f"The engine gets the files in {source.context}, without those in .dockerignore."
        return (
            f'The engine gets no files: set `context = "."` in [{source.table}] to use COPY and '
            "ADD."
        )
    if unknown := _UNKNOWN.search(message):
        close = difflib.get_close_matches(unknown[1].upper(), _INSTRUCTIONS, 1)
        return f"Did you mean `{close[0]}`?" if close else ""
    if _needs_agent(definition, line):
        return _agent_remedy(definition)
    return ""


def _words(instruction: Instruction) -> list[str]:
    options = [f"--{name}={value}" if value else f"--{name}" for name, value in instruction.options]
    return [instruction.name, *options, *instruction.text.split()]


def _needs_agent(definition: ImageDefinition, line: int) -> bool:
    return any(
        instruction.line == line and name == "mount" and "type=ssh" in value.split(",")
        for instruction in definition.parsed.instructions
        for name, value in instruction.options
    )


def _agent_remedy(definition: ImageDefinition) -> str:
    """Return the remedy for an instruction that needs an ssh agent and had none."""
    source = definition.source
    if service() is PODMAN:
        return (
            "The instruction needs your ssh agent, which Podman's service cannot pass to a build: "
            "use Docker for this environment, or use `on-create` with `ssh-agent = true`."
        )
    if not source.ssh_agent:
        return f"The instruction needs your ssh agent: set `ssh-agent = true` in [{source.table}]."
    if not agent_socket():
        return (
            "The daemon has no ssh agent: run `buildd daemon restart` where SSH_AUTH_SOCK is set."
        )
    return ""
