"""Asks a tool, in its environment, for the long explanation of one of its codes."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping

from buildd.base.atomic_write import replace_file
from buildd.environments.environment import LiveEnvironment
from buildd.errors import BuilddError
from buildd.files.path_map import to_container
from buildd.paths import private_dir, state_dir
from buildd.runner.command import run_to_end
from buildd.runner.job import Job

TIMEOUT = 30.0
"""Seconds that a tool may take to answer."""

SIZE_LIMIT = 1 << 20
"""Bytes of an answer that are kept."""

_ASKED: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    "rustc": (re.compile(r"E\d{4}"), ("rustc", "--explain")),
    "clippy": (re.compile(r"clippy::\w+"), ("cargo", "clippy", "--explain")),
    "ruff": (re.compile(r"[A-Z]{1,6}\d{3,4}"), ("ruff", "rule")),
    "pylint": (re.compile(r"[a-z][\w-]*|[A-Z]\d{4}"), ("pylint", "--help-msg")),
}
"""By a diagnostic's source: what its codes look like, and the command that explains one."""


def explaining(source: str, code: str) -> tuple[str, ...] | None:
    """Return the command that explains this code of this source; None if there is none."""
    known = _ASKED.get("clippy" if code.startswith("clippy::") else source)
    if known is None or not known[0].fullmatch(code):
        return None
    return (*known[1], code.removeprefix("clippy::"))


async def explain(
    environment: LiveEnvironment, command: tuple[str, ...], env: Mapping[str, str]
) -> str:
    """Run the command in the environment, and return the path of a file with its answer.

    `env` are variables of the task. Raises BuilddError if there is no answer.
    """
    try:
        data, status = await asyncio.wait_for(_answer(environment, command, env), TIMEOUT)
    except TimeoutError as error:
        raise BuilddError(f"`{' '.join(command)}` did not answer in {TIMEOUT:.0f} s") from error
    if status or not data.strip():
        raise BuilddError(
            f"`{' '.join(command)}` gave no explanation",
            data.decode("utf-8", "replace").strip()[:500],
        )
    return await asyncio.to_thread(_keep, command[-1], data)


async def _answer(
    environment: LiveEnvironment, command: tuple[str, ...], env: Mapping[str, str]
) -> tuple[bytes, int]:
    specification = environment.specification
    output = bytearray()

    def on_data(data: bytes) -> None:
        if len(output) < SIZE_LIMIT:
            output.extend(data)

    async with environment.use(lambda message, percentage: None) as runner:
        container = environment.container
        directory = to_container(container.project.path, container.mounts) or "/"
        job = Job(
            command=command,
            directory=directory,
            env={**specification.env, **env},
            environment=specification.name,
        )
        status = await run_to_end(runner, job, on_data)
    return bytes(output), status


def _keep(name: str, data: bytes) -> str:
    folder = private_dir(os.path.join(state_dir(), "explanations"))
    # A code of the known form names no other directory.
    path = os.path.join(folder, f"{name}.md")
    replace_file(path, data)
    return path
