"""A trial runs tasks in temporary environments, on a copy of the project or in its directory.

What a trial makes has its id in its name, and is removed with it, or when the next trial begins.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from buildd.base.json_unicode import encode
from buildd.config.trust import contents
from buildd.diagnostics.positions import tests_to_wire, to_wire
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.engines import OnProgress, engine, remove_environment_files
from buildd.environments.environment import LiveEnvironment
from buildd.environments.idle import IdlePolicy
from buildd.errors import BuilddError, ImageError
from buildd.files.state_dirs import directories_of, note_engine
from buildd.model import Environment, Project, Pull, RunState, Task
from buildd.output.parsing import ready
from buildd.output.run_log import RunLog
from buildd.output.task_reader import TaskReader
from buildd.protocol import RunResult
from buildd.runner.job import Job
from buildd.runs.observer import Observer
from buildd.runs.plan import RunPlan
from buildd.runs.run import LiveRun
from buildd.trials.checkout import CheckoutCopy, CheckoutSource
from buildd.trials.directories import (
    TrialEnvironment,
    abandoned,
    new_directory,
    read_record,
    remove,
    write_record,
)
from buildd.trials.trial_files import copied_contents, trial_files

T = TypeVar("T")

Alter = Callable[[Environment], Environment]
"""Changes the specification of an environment for a trial."""
Show = Callable[[bytes], None]
"""Shows a piece of a run's output; called in a thread."""


class Trial:
    """A trial that is under way, made by `trial`. `copy` says where its files are."""

    def __init__(self, project: Project, copy: CheckoutCopy, directory: str, alter: Alter) -> None:
        self.copy = copy
        self._original = project
        self._directory = directory
        self._alter = alter
        self._id = os.path.basename(directory)
        self._is_copy = copy.origin != copy.root
        self._project = msgspec.structs.replace(
            project,
            path=copy.path(project.path),
            config_file=copy.path(project.config_file),
            contents=copied_contents(project, copy),
        )
        self._environments: dict[str, LiveEnvironment] = {}

    @property
    def directory(self) -> str:
        """The project's directory in the trial."""
        return self._project.path

    async def run(self, task: Task, show: Show, report: OnProgress) -> RunResult:
        """Run a task to its end, and return what it found, with the paths of the original.

        A run that was cancelled or lost is a result too. Raises BuilddError if it could not begin.
        """
        environment = await self._environment(task.environment, report)
        try:
            await environment.acquire(report)
        except BuilddError as error:
            # The environment has the name that the user gave it.
            error.message = error.message.replace(f"@{self._id}", "")
            raise
        # Loaded now, so that the duration of the first run does not include it.
        await ready(task.parsers)
        specification = environment.specification
        job = Job(
            command=task.command,
            directory=self.copy.path(task.directory or self._original.path),
            env={**specification.env, **task.env},
            environment=task.environment,
            grace=task.grace,
        )
        snapshots = SourceSnapshots()
        reader = TaskReader(self._project, task, snapshots)
        run = LiveRun(
            RunPlan(self._project, environment, job, reader, task=task.name),
            RunLog(os.path.join(self._directory, f"{task.name}.log")),
        )
        run.observers.add(_Progress(report))
        run.start()
        try:
            async for data in run.output():
                await asyncio.to_thread(show, data)
        except BaseException:
            await _end(run)
            raise
        if run.record.state is RunState.FAILED and run.error:
            raise run.error
        result = RunResult(
            run=msgspec.structs.replace(
                run.record,
                environment=task.environment,
                remarks=(*self.copy.remarks, *run.record.remarks),
            ),
            diagnostics=await to_wire(run.diagnostics, snapshots),
            tests=await tests_to_wire(run.tests, snapshots),
        )
        return msgspec.json.decode(self.copy.at_home(encode(result)), type=RunResult)

    async def close(self) -> None:
        """Remove the environments that it made."""
        for environment in self._environments.values():
            await environment.close()
        await _discard(self._made())

    async def _environment(self, name: str, report: OnProgress) -> LiveEnvironment:
        if name not in self._environments:
            specification = await self._specification(name, report)
            live = LiveEnvironment(self._project, specification, IdlePolicy(0, 0))
            self._environments[name] = live
            await asyncio.to_thread(write_record, self._directory, self._made())
        return self._environments[name]

    async def _specification(self, name: str, report: OnProgress) -> Environment:
        """The environment as the trial has it, with a name of its own.

        It has the same image, which is built if necessary.
        """
        path = self.copy.path
        altered = self._alter(self._original.environments[name])
        defined = msgspec.structs.replace(
            altered,
            dockerfile=self._defining(altered.dockerfile),
            context=path(altered.context),
            rebuild_on=tuple(map(path, altered.rebuild_on)),
            mounts=tuple(
                msgspec.structs.replace(mount, source=path(mount.source))
                for mount in altered.mounts
            ),
        )
        module = await asyncio.to_thread(engine, altered.engine)
        if altered.dockerfile:
            # The image is the project's own, and stays.
            await asyncio.to_thread(note_engine, self._original.path, altered.engine)
        try:
            consented = await asyncio.to_thread(self._consented, defined.dockerfile)
            definer = msgspec.structs.replace(self._original, contents=consented)
            image = (await module.image(definer, defined, report)).id
        except ImageError as error:
            if error.file:
                file = error.file.replace(self.copy.root, self.copy.origin)
                error.message = f"{file}:{error.line}: {error.message}"
            raise
        return msgspec.structs.replace(
            defined,
            name=f"{name}@{self._id}",
            image=image,
            dockerfile="",
            pull=Pull.MISSING,
        )

    def _consented(self, dockerfile: str) -> dict[str, str]:
        """What the image may be built from. A Dockerfile that the configuration does not name was
        named by who asked for the trial, and is taken as it is now."""
        known = self._project.contents
        named = [dockerfile] if dockerfile and dockerfile not in known else []
        return {**known, **contents.digests(named)}

    def _defining(self, path: str) -> str:
        """The file in the copy; if the copy does not have it, the original."""
        copied = self.copy.path(path)
        return copied if os.path.exists(copied) else path

    def _made(self) -> list[TrialEnvironment]:
        return [
            TrialEnvironment(
                engine=live.specification.engine,
                project=self._project.path,
                environment=live.specification.name,
                is_copy=self._is_copy,
            )
            for live in self._environments.values()
        ]


@asynccontextmanager
async def trial(
    project: Project, files: CheckoutSource | Trial | None, alter: Alter = lambda same: same
) -> AsyncIterator[Trial]:
    """Give a trial of the project, as long as the context lasts.

    It runs on a copy of these files of the project, or on a copy of another trial's files, which
    has not run yet; with None, in the project's directory itself. `alter` changes the
    specification of each environment. Raises BuilddError.
    """
    with new_directory() as directory:
        made: Trial | None = None
        try:
            copy = await _whole(
                asyncio.to_thread(
                    trial_files,
                    project,
                    files.copy if isinstance(files, Trial) else files,
                    directory,
                )
            )
            made = Trial(project, copy, directory, alter)
            yield made
        finally:
            # If this fails, the directory stays, so that the next trial knows what is left.
            if made is not None:
                await _whole(made.close())
            await _whole(asyncio.to_thread(remove, directory))


async def remove_leftovers() -> None:
    """Remove what trials left whose process is gone.

    What cannot be removed now, because an engine is not available, is tried again the next time.
    """
    for directory, lock in await asyncio.to_thread(abandoned):
        try:
            await _discard(read_record(directory))
            await asyncio.to_thread(remove, directory)
        except BuilddError:
            continue
        finally:
            os.close(lock)


class _Progress(Observer):
    """Reports how the preparing of the environment goes."""

    def __init__(self, report: OnProgress) -> None:
        self._report = report

    def run_preparing(self, run: LiveRun) -> None:
        self._report(run.preparing, run.percentage)


async def _end(run: LiveRun) -> None:
    """End a run that is not wanted any more, and wait for that; a second cancel kills it."""
    run.cancel()
    try:
        await run.wait()
    except asyncio.CancelledError:
        run.cancel(kill=True)
        await _whole(run.wait())


async def _whole(work: Awaitable[T]) -> T:
    """Return the work's result. A cancel does not stop the work; it takes effect after its end."""
    task = asyncio.ensure_future(work)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled and not task.exception():
        raise cancelled
    return task.result()


async def _discard(made: Sequence[TrialEnvironment]) -> None:
    for environment in made:
        module = await asyncio.to_thread(engine, environment.engine)
        project, name = environment.project, environment.environment
        await module.remove_environment(project, name, reclaim=environment.is_copy)
        await asyncio.to_thread(remove_environment_files, project, name)
        if environment.is_copy:
            for path in directories_of(project):
                await asyncio.to_thread(remove, path)
