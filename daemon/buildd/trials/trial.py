"""A trial: tasks run in throw-away environments, on a copy of the project or where it is.

What a trial makes bears its id and goes with it, at the latest when the next one begins.
"""

from __future__ import annotations

import asyncio
import filecmp
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from buildd.base.lone_surrogates import encode
from buildd.diagnostics.positions import tests_to_wire, to_wire
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.engines import OnProgress, engine, forget
from buildd.environments.environment import LiveEnvironment
from buildd.environments.idle import IdlePolicy
from buildd.errors import BuilddError, ImageError
from buildd.files.state_dirs import kept_of, note_engine
from buildd.model import Environment, Project, Pull, RunState, Task
from buildd.output.parsing import ready
from buildd.output.run_log import RunLog
from buildd.output.task_reader import TaskReader
from buildd.paths import private_dir
from buildd.protocol import RunResult
from buildd.runner.job import Job
from buildd.runs.run import LiveRun, RunObserver
from buildd.trials.checkout import CheckoutCopy, CheckoutSource, check_out, duplicate
from buildd.trials.directories import (
    TrialEnvironment,
    abandoned,
    new_directory,
    read_record,
    remove,
    write_record,
)

T = TypeVar("T")

Alter = Callable[[Environment], Environment]
Show = Callable[[bytes], None]
"""Told the output of a run as it comes; called in a thread."""


class Trial:
    """Made by `trial`. `copy` tells where its files are."""

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
        )
        self._environments: dict[str, LiveEnvironment] = {}

    @property
    def directory(self) -> str:
        """The project's, in the trial."""
        return self._project.path

    async def run(self, task: Task, show: Show, report: OnProgress) -> RunResult:
        """Run the task to its end; what it found, with the paths of the original. A run that was
        cancelled or lost is a result too. Raises BuilddError if it could not begin."""
        environment = await self._environment(task.environment, report)
        try:
            await environment.acquire(report)
        except BuilddError as error:
            # By the name that the user gave it.
            error.message = error.message.replace(f"@{self._id}", "")
            raise
        # Not in the time that the run takes: the first one of us is to be as quick as the next.
        await ready(task.parsers)
        specification = environment.specification
        job = Job(
            command=task.command,
            directory=self.copy.path(task.directory or self._original.path),
            env={**specification.env, **task.env},
            place=task.environment,
            grace=task.grace,
        )
        built = SourceSnapshots()
        run = LiveRun(
            project=self._project,
            environment=environment,
            task=task.name,
            job=job,
            log=RunLog(os.path.join(self._directory, f"{task.name}.log")),
            output=TaskReader(self._project, task, built),
        )
        run.listeners.append(_Progress(report))
        run.start()
        try:
            async for data in run.log.follow():
                await asyncio.to_thread(show, data)
            await run.wait()
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
            diagnostics=await to_wire(run.diagnostics, built),
            tests=await tests_to_wire(run.tests, built),
        )
        return msgspec.json.decode(self.copy.at_home(encode(result)), type=RunResult)

    async def close(self) -> None:
        """Remove its environments."""
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
        """The environment as the trial has it: of the same image, which is built if need be, but
        with a name of its own."""
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
            # Its image is the project's own, and stays.
            await asyncio.to_thread(note_engine, self._original.path, altered.engine)
        try:
            image = (await module.image(self._original, defined, report)).id
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

    def _defining(self, path: str) -> str:
        """The file of the copy; one that is not among its files, where it is."""
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
    """A trial of the project on a copy of these files: of the working tree's, or what a trial that
    has not run yet has; None for the project's directory itself, without a copy. `alter` is told
    of each environment what is another in the trial. Raises BuilddError."""
    with new_directory() as directory:
        made: Trial | None = None
        try:
            copy = await _whole(asyncio.to_thread(_files, project, files, directory))
            made = Trial(project, copy, directory, alter)
            yield made
        finally:
            # Where the first fails, the directory stays, for the next trial to know what is left.
            if made is not None:
                await _whole(made.close())
            await _whole(asyncio.to_thread(remove, directory))


async def remove_leftovers() -> None:
    """Remove what trials left whose process has gone. What cannot be removed now, because an
    engine is away, is tried again the next time."""
    for directory, lock in await asyncio.to_thread(abandoned):
        try:
            await _discard(read_record(directory))
            await asyncio.to_thread(remove, directory)
        except BuilddError:
            continue
        finally:
            os.close(lock)


class _Progress(RunObserver):
    """Tells how the preparing of the environment goes."""

    def __init__(self, report: OnProgress) -> None:
        self._report = report

    def progress(self, run: LiveRun, message: str, percentage: int | None) -> None:
        self._report(message, percentage)


async def _end(run: LiveRun) -> None:
    """See a run to its end that is not wanted any more; a second cancel meanwhile kills it."""
    run.cancel()
    try:
        await run.wait()
    except asyncio.CancelledError:
        run.cancel(kill=True)
        await _whole(run.wait())


async def _whole(work: Awaitable[T]) -> T:
    """The work's result. It is not to be stopped half-way: a cancel comes after its end."""
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


def _files(project: Project, files: CheckoutSource | Trial | None, directory: str) -> CheckoutCopy:
    if files is None:
        return CheckoutCopy(project.path, project.path)
    root = private_dir(os.path.join(directory, "files"))
    # Whoever runs in the container enters it; on the host, the directory above it stays closed.
    os.chmod(root, 0o755)  # noqa: S103
    if isinstance(files, Trial):
        return duplicate(files.copy, root)
    copy = check_out(project.path, root, files)
    if files is not CheckoutSource.PRESENT:
        _check_definition(project, copy)
    return copy


def _check_definition(project: Project, copy: CheckoutCopy) -> None:
    """What was read of the configuration must be what the copy has of it."""
    for file in project.files:
        copied = copy.path(file)
        if not os.path.exists(copied):
            what = "is not under version control, so that a clean checkout does not have it"
        elif not filecmp.cmp(file, copied, shallow=False):
            what = "has changes that are not committed, so that a clean checkout has another one"
        else:
            continue
        raise BuilddError(
            f"{file} {what}", "Commit it; or `buildd ci --worktree` takes the directory as it is."
        )


async def _discard(made: Sequence[TrialEnvironment]) -> None:
    for one in made:
        module = await asyncio.to_thread(engine, one.engine)
        await module.discard(one.project, one.environment, reclaim=one.is_copy)
        await asyncio.to_thread(forget, one.project, one.environment)
        if one.is_copy:
            for path in kept_of(one.project):
                await asyncio.to_thread(remove, path)
