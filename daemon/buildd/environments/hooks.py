"""Hooks: the commands that make an environment ready, run in its container before it is warm."""

from __future__ import annotations

import asyncio

from buildd.base.atomic_write import replace_file
from buildd.base.lines import LineDecoder
from buildd.base.words import command_line
from buildd.config.hook_keys import scripts_of
from buildd.config.load import key_origin
from buildd.config.trust import contents
from buildd.engines import Instance, OnProgress, creation_record
from buildd.errors import ChangedFileError, EngineError, HookError
from buildd.model import Environment, Hook, Project
from buildd.runner.base import Runner
from buildd.runner.command import run_to_end
from buildd.runner.job import Job

KEPT_LINES = 40
"""Lines of a hook's output that an error shows, from its end."""


def is_left_unfinished(project: Project, environment: Environment, instance: Instance) -> bool:
    """Return whether `on-create` began in this very container and did not finish. Blocks."""
    return bool(environment.on_create) and _state(project, environment, instance) == "begun"


async def make_ready(
    project: Project,
    environment: Environment,
    instance: Instance,
    runner: Runner,
    report: OnProgress,
) -> None:
    """Run `on-create` if the container is new, then `on-start`.

    Raises HookError if a command fails. A container whose `on-create` failed is left unfinished.
    """
    hooks = _Hooks(project, environment, runner, report)
    if environment.on_create:
        state = await asyncio.to_thread(_state, project, environment, instance)
        if state != "done":
            await asyncio.to_thread(_note, project, environment, instance, "begun")
            await hooks.run("on-create", environment.on_create)
            await asyncio.to_thread(_note, project, environment, instance, "done")
    if environment.on_start:
        await hooks.run("on-start", environment.on_start)


def _state(project: Project, environment: Environment, instance: Instance) -> str:
    """How far `on-create` is in this container: `begun`, `done`, or empty."""
    try:
        with open(creation_record(project.path, environment.name), encoding="ascii") as file:
            container, _, state = file.read().partition(" ")
    except OSError:
        return ""
    return state if container == instance.container else ""


def _note(project: Project, environment: Environment, instance: Instance, state: str) -> None:
    path = creation_record(project.path, environment.name)
    try:
        replace_file(path, f"{instance.container} {state}".encode("ascii"))
    except OSError as error:
        raise EngineError(
            f"{path} cannot be written: {error.strerror}",
            "Make room, or set BUILDD_STATE_DIR to a directory that you can write.",
        ) from error


def require_consented(project: Project, environment: Environment, hook: Hook) -> None:
    """Raise ChangedFileError if a script that the hook names is not what the user consented to.

    Consent was given before the image was built, which takes minutes. Blocks.
    """
    root = environment.project_target or project.path
    scripts = scripts_of(hook.command, root, project.path)
    known = [path for path in scripts if path in project.contents]
    for path, digest in contents.digests(known).items():
        if digest != project.contents[path]:
            raise ChangedFileError(path)


class _Hooks:
    """Runs the hooks of one environment."""

    def __init__(
        self, project: Project, environment: Environment, runner: Runner, report: OnProgress
    ) -> None:
        self._project = project
        self._environment = environment
        self._runner = runner
        self._report = report

    async def run(self, key: str, steps: tuple[tuple[Hook, ...], ...]) -> None:
        """Run one step after the other; the hooks of a step run at the same time."""
        for step in steps:
            try:
                async with asyncio.TaskGroup() as group:
                    for hook in step:
                        group.create_task(self._run(key, hook))
            except BaseExceptionGroup as failures:
                # The first hook that failed ended the others.
                raise failures.exceptions[0] from None

    async def _run(self, key: str, hook: Hook) -> None:
        await asyncio.to_thread(require_consented, self._project, self._environment, hook)
        environment = self._environment
        label = ".".join((key, *hook.name))
        self._report(f"{label}: {_shown(hook)}", None)
        output = _Output(label, self._report)
        job = Job(
            command=hook.command,
            directory=environment.project_target or self._project.path,
            env=environment.env,
            environment=environment.name,
        )
        if status := await run_to_end(self._runner, job, output.feed):
            raise await self._failure(key, hook, status, output)

    async def _failure(self, key: str, hook: Hook, status: int, output: _Output) -> HookError:
        path = ("environments", self._environment.name, key, *hook.name)
        origin = await asyncio.to_thread(key_origin, self._project, path)
        label = ".".join((key, *hook.name))
        return HookError(
            f"`{label}` of the environment `{self._environment.name}` failed: "
            f"{_shown(hook)} ended with exit status {status}",
            "Fix the command or remove it; it runs again at the next use.",
            file=origin.file,
            line=origin.line,
            output=output.end(),
        )


class _Output:
    """Reports each line that a hook writes, and keeps the last ones."""

    def __init__(self, label: str, report: OnProgress) -> None:
        self._label = label
        self._report = report
        self._lines = LineDecoder()
        self._kept: list[str] = []

    def feed(self, data: bytes) -> None:
        lines = [line for line in self._lines.feed(data).split("\n") if line.strip()]
        if lines:
            self._kept = [*self._kept, *lines][-KEPT_LINES:]
            self._report(f"{self._label}: {lines[-1]}", None)

    def end(self) -> str:
        """Return the last lines."""
        rest = self._lines.finish().rstrip("\n")
        return "\n".join([*self._kept, *([rest] if rest else [])][-KEPT_LINES:])


def _shown(hook: Hook) -> str:
    command = command_line(hook.command)
    first, _, more = command.strip().partition("\n")
    return f"`{first} …`" if more else f"`{first}`"
