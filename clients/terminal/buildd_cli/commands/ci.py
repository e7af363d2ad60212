"""`buildd ci`: tasks on a clean checkout in fresh environments, for a pipeline."""

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
Run tasks as a pipeline does: one after the other, to the first that fails, each in a fresh
container of its environment's definition, on a clean checkout of the present commit, which is seen
at the project's own path. No daemon is needed or asked; the warm containers and the project's
directory are left alone; what was made is removed at the end, caches included.

examples:
  buildd ci build test
  buildd ci --trust-once --report github --report junit=report.xml build test
  buildd ci --worktree test              the directory as it is, with what lies in it
  buildd ci --engine host build          in a pipeline that runs in the image already
  buildd ci -e TOKEN -e MODE=release build

Output comes live on standard output, a summary and the diagnostics of each task on standard error.
The configuration must be trusted, as for any command; in a pipeline, --trust-once is the consent.

In a pipeline's job (`CI` is set) that is in a container itself, and where there is no engine, the
tasks run right in that container, which is said; --engine decides it otherwise.

exit status: 0 if every task succeeded, else that of the first that did not; 128+N where signal N
ended us; 125 where buildd itself failed.
"""


class Report(NamedTuple):
    """A form of `buildd.reports`, and where to write it; empty for standard output."""

    form: str
    file: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("tasks", nargs="+", metavar="TASK", help="in the order to run them in")
    parser.add_argument(
        "--worktree",
        action="store_true",
        help="on the project's directory as it is, not on a clean checkout",
    )
    parser.add_argument("--keep-going", action="store_true", help="run the rest after a failure")
    parser.add_argument("--env", default="", metavar="NAME", help="run all of them there")
    parser.add_argument(
        "--engine",
        default="",
        metavar="ENGINE",
        help="another engine for their environments; `host`: on this machine itself",
    )
    add_variables(parser, "set a variable in the environments")
    parser.add_argument(
        "--report",
        dest="reports",
        action="append",
        default=[],
        type=_report,
        metavar="FORM[=FILE]",
        help="what was found as sarif, github, gitlab, junit, json or quickfix",
    )
    consent.configure(parser)
    add_quiet(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run them; the exit status."""
    from buildd.config.trust.consent import digest, is_trusted, require
    from buildd_cli.here import conduct, project_here, require_trust

    project = project_here(arguments)
    if not arguments.trust_once:
        require_trust(project)
    elif not is_trusted(project):
        require(project, digest(project), arguments.grant)
    return conduct(_run(arguments, project, _tasks(arguments, project)))


async def _run(arguments: argparse.Namespace, project: Project, tasks: list[Task]) -> int:
    import msgspec

    from buildd.trials.checkout import CheckoutSource
    from buildd.trials.trial import trial
    from buildd_cli.here import ended, report
    from buildd_cli.stream import LiveOutput
    from buildd_cli.task import show_result

    # With a report or JSON on standard output, the live output would be in its way.
    taken = arguments.json or any(not one.file for one in arguments.reports)
    output = LiveOutput(None if arguments.quiet else 2 if taken else 1)
    results: list[RunResult] = []
    files = None if arguments.worktree else CheckoutSource.COMMIT
    right_here = await _right_here(arguments, project, tasks)
    async with trial(project, files, lambda one: _altered(arguments, one, right_here)) as made:
        for task in tasks:
            results.append(ended(await made.run(task, output.show, report)))
            output.finish()
            if not arguments.json:
                show_result(msgspec.to_builtins(results[-1]))
            if results[-1].run.exit_status and not arguments.keep_going:
                break
    _write_reports(arguments, project, results)
    return next(filter(None, (one.run.exit_status for one in results)), 0)


def _tasks(arguments: argparse.Namespace, project: Project) -> list[Task]:
    import msgspec

    from buildd_cli.here import task_of

    tasks = [task_of(project, name) for name in arguments.tasks]
    if not arguments.env:
        return tasks
    if arguments.env not in project.environments:
        raise BuilddError(
            f"ci: {project.config_file} has no environment `{arguments.env}`",
            f"It has: {', '.join(project.environments)}.",
        )
    return [msgspec.structs.replace(task, environment=arguments.env) for task in tasks]


async def _right_here(
    arguments: argparse.Namespace, project: Project, tasks: list[Task]
) -> set[str]:
    """The environments whose tasks run right where we are, because that is a pipeline's job in a
    container of its own, with no engine to make another."""
    import asyncio

    from buildd.engines import engine
    from buildd_cli.pipeline import difference, runs_in_container

    found: set[str] = set()
    if arguments.engine or not runs_in_container():
        return found
    for name in dict.fromkeys(task.environment for task in tasks):
        environment = project.environments[name]
        module = await asyncio.to_thread(engine, environment.engine)
        if not await module.is_there():
            found.add(name)
            print(
                f"buildd: no {environment.engine} engine is here, and this job is in a container "
                f"itself: the tasks of the environment {name} run right in it"
                f"{difference(environment.image)}",
                file=sys.stderr,
            )
    return found


def _altered(
    arguments: argparse.Namespace, environment: Environment, right_here: set[str]
) -> Environment:
    import msgspec

    from buildd.model import EngineName, Environment
    from buildd_cli.execution import variable

    env = {**environment.env, **dict(map(variable, arguments.variables))}
    if environment.name in right_here:
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
            "Leave `--engine` out.",
        )
    return msgspec.structs.replace(environment, engine=engine, env=env)


def _write_reports(
    arguments: argparse.Namespace, project: Project, results: list[RunResult]
) -> None:
    import msgspec

    from buildd.reports import ReportContent, report
    from buildd.trials.checkout import repository
    from buildd_cli.terminal import print_json

    if arguments.json:
        print_json({"runs": msgspec.to_builtins(results)})
    diagnostics = list(dict.fromkeys(one for result in results for one in result.diagnostics))
    tests = [one for result in results for one in result.tests]
    # What shows them knows the repository, of which the project may be a part.
    findings = ReportContent(diagnostics, tests, repository(project.path))
    for one in arguments.reports:
        text = report(one.form, findings)
        if not one.file:
            sys.stdout.write(text)
            continue
        path = os.path.join(current_directory(), one.file)
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise BuilddError(f"ci: cannot write {path}: {error.strerror}") from error


def _report(text: str) -> Report:
    from buildd.reports import FORMATS

    form, _, file = text.partition("=")
    if form not in FORMATS:
        raise argparse.ArgumentTypeError(
            f"there is no form `{form}`; there are: {', '.join(FORMATS)}"
        )
    return Report(form, file)
