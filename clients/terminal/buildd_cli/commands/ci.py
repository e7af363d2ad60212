"""`buildd ci`: run tasks as a pipeline does, on a clean checkout in fresh containers."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from buildd.errors import BuilddError
from buildd_cli import consent
from buildd_cli.arguments import add_json, add_quiet, add_variables
from buildd_cli.directory import current_directory

if TYPE_CHECKING:
    from buildd.model import Environment, Project, Task
    from buildd.protocol import RunResult

HELP = """
Run tasks as a pipeline does: on a clean checkout of the current commit, in fresh containers.

Use it in a pipeline, or here to see what the pipeline will do. The tasks run one after the other
until one fails. The checkout appears at the project's own path. No daemon is needed, your warm
containers and your directory are not touched, and everything it created is removed at the end,
caches included.

examples:
  buildd ci build test
  buildd ci --trust-once --report github --report junit=report.xml build test
  buildd ci --worktree test              on the directory as it is, not on a checkout
  buildd ci --engine host build          in a pipeline that already runs in the image
  buildd ci -e TOKEN -e MODE=release build

The output of the tasks goes to standard output; a summary and the diagnostics of each task go to
standard error. The configuration must be trusted, as always; in a pipeline, use --trust-once.

If there is no container engine, and this is a pipeline's job (`CI` is set) that runs in a container
itself, the tasks run directly in that container, and a message says so. --engine overrides this.

exit status: 0 if all tasks succeeded, else that of the first task that failed; 128+N if signal N
ended buildd; 125 if buildd itself failed.
"""


class ReportOption(NamedTuple):
    """One `--report`: a format of `buildd.reports`, and the file; empty for standard output."""

    format: str
    file: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("tasks", nargs="+", metavar="TASK", help="the tasks to run, in this order")
    parser.add_argument(
        "--worktree",
        action="store_true",
        help="use the project's directory as it is, not a clean checkout",
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="run the remaining tasks after a failure"
    )
    parser.add_argument(
        "--env", default="", metavar="NAME", help="run all tasks in this environment"
    )
    parser.add_argument(
        "--engine",
        default="",
        metavar="ENGINE",
        help="use this engine for all environments; `host` is this machine, without a container",
    )
    add_variables(parser)
    parser.add_argument(
        "--report",
        dest="reports",
        action="append",
        default=[],
        type=_report_option,
        metavar="FORMAT[=FILE]",
        help="write what was found as sarif, github, gitlab, junit, json or quickfix, to FILE or "
        "standard output (can be repeated)",
    )
    consent.configure(parser)
    add_quiet(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the tasks; return the exit status."""
    from buildd.config.trust.consent import digest, is_trusted, require
    from buildd_cli.in_process import load_project, require_trust, run_async

    project = load_project(arguments)
    if not arguments.trust_once:
        require_trust(project)
    elif not is_trusted(project):
        require(project, digest(project), arguments.grant)
    return run_async(_run(arguments, project, _tasks(arguments, project)))


async def _run(arguments: argparse.Namespace, project: Project, tasks: list[Task]) -> int:
    import msgspec

    from buildd.trials.checkout import CheckoutSource
    from buildd.trials.trial import trial
    from buildd_cli.in_process import ended, report
    from buildd_cli.output.live_output import OutputWriter
    from buildd_cli.task_run import show_result

    # A report or JSON on standard output must not be mixed with the tasks' output.
    is_taken = arguments.json or any(not option.file for option in arguments.reports)
    output = OutputWriter(None if arguments.quiet else 2 if is_taken else 1)
    results: list[RunResult] = []
    files = None if arguments.worktree else CheckoutSource.COMMIT
    without_engine = await _without_engine(arguments, project, tasks)

    def altered(environment: Environment) -> Environment:
        return _altered(arguments, environment, without_engine)

    async with trial(project, files, altered) as started:
        for task in tasks:
            results.append(ended(await started.run(task, output.write, report)))
            output.finish()
            if not arguments.json:
                show_result(msgspec.to_builtins(results[-1]))
            if results[-1].run.exit_status and not arguments.keep_going:
                break
    _write_reports(arguments, project, results)
    return next(filter(None, (result.run.exit_status for result in results)), 0)


def _tasks(arguments: argparse.Namespace, project: Project) -> list[Task]:
    import msgspec

    from buildd.config.lookup import environment_named, task_named

    tasks = [task_named(project, name) for name in arguments.tasks]
    if not arguments.env:
        return tasks
    name = environment_named(project, arguments.env).name
    return [msgspec.structs.replace(task, environment=name) for task in tasks]


async def _without_engine(
    arguments: argparse.Namespace, project: Project, tasks: list[Task]
) -> set[str]:
    """Return the environments whose tasks run directly in this container.

    That is so in the container of a pipeline's job, if there is no engine to start another one.
    """
    import asyncio

    from buildd.engines import engine
    from buildd_cli.ci_job import difference, runs_in_container

    found: set[str] = set()
    if arguments.engine or not runs_in_container():
        return found
    for name in dict.fromkeys(task.environment for task in tasks):
        environment = project.environments[name]
        module = await asyncio.to_thread(engine, environment.engine)
        if not await module.is_available():
            found.add(name)
            print(
                f"buildd: there is no {environment.engine} engine, and this job runs in a "
                f"container itself: the tasks of the environment {name} run directly in it"
                f"{difference(environment.image)}",
                file=sys.stderr,
            )
    return found


def _altered(
    arguments: argparse.Namespace, environment: Environment, without_engine: set[str]
) -> Environment:
    """Return the environment with the variables and the engine of the command line."""
    import msgspec

    from buildd.model import EngineName, Environment
    from buildd_cli.execution.command import variable

    env = {**environment.env, **dict(map(variable, arguments.variables))}
    if environment.name in without_engine:
        return Environment(name=environment.name, engine=EngineName.HOST, env=env)
    if not arguments.engine:
        return msgspec.structs.replace(environment, env=env)
    try:
        engine = EngineName(arguments.engine)
    except ValueError:
        raise BuilddError(
            f"ci: there is no engine `{arguments.engine}`",
            f"There are: {', '.join(EngineName)}.",
        ) from None
    if engine is EngineName.HOST:
        return Environment(name=environment.name, engine=engine, env=env)
    if not (environment.image or environment.dockerfile):
        raise BuilddError(
            f"ci: the environment `{environment.name}` has no image for the engine {engine}",
            "Leave out `--engine`, or give the environment an `image`.",
        )
    return msgspec.structs.replace(environment, engine=engine, env=env)


def _write_reports(
    arguments: argparse.Namespace, project: Project, results: list[RunResult]
) -> None:
    import msgspec

    from buildd.reports import ReportContent, report
    from buildd.trials.checkout import repository
    from buildd_cli.output.terminal import print_json

    if arguments.json:
        print_json({"runs": msgspec.to_builtins(results)})
    found = (diagnostic for result in results for diagnostic in result.diagnostics)
    diagnostics = list(dict.fromkeys(found))
    tests = [test for result in results for test in result.tests]
    # Paths are relative to the repository, of which the project may be a part.
    content = ReportContent(diagnostics, tests, repository(project.path))
    for option in arguments.reports:
        text = report(option.format, content)
        if not option.file:
            sys.stdout.write(text)
            continue
        path = os.path.join(current_directory(), option.file)
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise BuilddError(f"ci: cannot write {path}: {error.strerror}") from error


def _report_option(text: str) -> ReportOption:
    from buildd.reports import FORMATS

    name, _, file = text.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(
            f"there is no format `{name}`; there are: {', '.join(FORMATS)}"
        )
    return ReportOption(name, file)
