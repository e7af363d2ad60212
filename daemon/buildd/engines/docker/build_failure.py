"""Where in its Dockerfile an image failed to build, and what to do about it."""

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


def line_of(definition: ImageDefinition, what: str) -> int:
    """The line of the instruction that an engine tells of in these words, 0 if of none."""
    wanted = what.split()
    for one in definition.parsed.instructions:
        if wanted and _words(one) == wanted:
            return one.line
    return 0


def remedy(definition: ImageDefinition, message: str, line: int) -> str:
    """What to do about a build that failed at a line, where that is known."""
    recipe = definition.recipe
    if _NOTHING_SENT.search(message):
        if recipe.context:
            return f"It is looked for in {recipe.context}, without what .dockerignore leaves out."
        return (
            f'No context is sent to the engine: set `context = "."` in [{recipe.table}] for COPY '
            "and ADD."
        )
    if unknown := _UNKNOWN.search(message):
        near = difflib.get_close_matches(unknown[1].upper(), _INSTRUCTIONS, 1)
        return f"Did you mean `{near[0]}`?" if near else ""
    if _wants_agent(definition, line):
        return _agent_remedy(definition)
    return ""


def _words(one: Instruction) -> list[str]:
    options = [f"--{name}={value}" if value else f"--{name}" for name, value in one.options]
    return [one.name, *options, *one.text.split()]


def _wants_agent(definition: ImageDefinition, line: int) -> bool:
    return any(
        one.line == line and name == "mount" and "type=ssh" in value.split(",")
        for one in definition.parsed.instructions
        for name, value in one.options
    )


def _agent_remedy(definition: ImageDefinition) -> str:
    """For an instruction that wants an ssh agent, if it had none."""
    recipe = definition.recipe
    if service() is PODMAN:
        return (
            "It wants your ssh agent, which Podman's service has no way to give to a build: use "
            "Docker for this environment, or do it in `on-create`, with `ssh-agent = true`."
        )
    if not recipe.ssh_agent:
        return f"It wants your ssh agent: `ssh-agent = true` in [{recipe.table}] lets it have that."
    if not agent_socket():
        return "The daemon knows no ssh agent: `buildd daemon restart` where SSH_AUTH_SOCK is set."
    return ""
