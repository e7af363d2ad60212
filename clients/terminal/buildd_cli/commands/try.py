"""`buildd try`: run a task with the present image and with another, and show what differs."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from buildd_cli.arguments import add_json, add_quiet
from buildd_cli.directory import current_directory

if TYPE_CHECKING:
    from buildd.model import Environment, Project, Task

HELP = """
Run a task with its present image and with another one, and show what differs.

Use it before an upgrade, to see what breaks. Both runs use a fresh container and a copy of the
project's files as they are now, without the files that git ignores, so that both build everything.
Your warm container and your build results are not touched. The runs follow each other, so that
their times can be compared, and their containers are removed at the end.

examples:
  buildd try --image gcc:14 build
  buildd try --dockerfile next.Dockerfile test
  buildd try --image golang:1.23 test --json | jq '.comparison.gained[].message'

Diagnostics that differ only in wording or line count as the same.

exit status: 0 if the results are the same, whatever time they took; 1 if they differ; 128+N if
signal N ended buildd; 125 if buildd itself failed, for example because the image was not found.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    candidate = parser.add_mutually_exclusive_group(required=True)
    candidate.add_argument("--image", default="", metavar="IMAGE", help="the other image")
    candidate.add_argument(
        "--dockerfile", default="", metavar="FILE", help="build the other image from this file"
    )
    parser.add_argument("task", metavar="TASK", help="the task's name, as in `[tasks.TASK]`")
    add_quiet(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the task twice; return the exit status."""
    from buildd.config.lookup import task_named
    from buildd_cli.in_process import load_project, require_trust, run_async

    project = load_project(arguments)
    require_trust(project)
    return run_async(_run(arguments, project, task_named(project, arguments.task)))


async def _run(arguments: argparse.Namespace, project: Project, task: Task) -> int:
    import msgspec

    from buildd.trials.checkout import CheckoutSource
    from buildd.trials.comparison import compare
    from buildd.trials.trial import trial
    from buildd_cli.in_process import ended, report
    from buildd_cli.output.comparison import Side, differences_text
    from buildd_cli.output.live_output import OutputWriter
    from buildd_cli.output.terminal import Style, print_json

    output = OutputWriter(None if arguments.quiet else 2)
    other = f"{arguments.dockerfile or arguments.image}"
    titles = (_image(project.environments[task.environment], project), other)
    async with (
        trial(project, CheckoutSource.PRESENT) as present,
        trial(
            project, present, lambda environment: _candidate(arguments, environment)
        ) as candidate,
    ):
        sides = []
        for title, started in zip(titles, (present, candidate), strict=True):
            if not arguments.quiet:
                print(f"== {task.name} in {title}", file=sys.stderr, flush=True)
            sides.append(Side(title, ended(await started.run(task, output.write, report))))
            output.finish()
    comparison = compare(sides[0].result, sides[1].result)
    if arguments.json:
        results = {
            "present": {"image": titles[0], **msgspec.to_builtins(sides[0].result)},
            "candidate": {"image": titles[1], **msgspec.to_builtins(sides[1].result)},
        }
        differences = msgspec.to_builtins(comparison)
        print_json({"same": comparison.same, **results, "comparison": differences})
    else:
        style = Style(sys.stdout)
        print(differences_text(sides, comparison, style, current_directory()), end="")
    return int(not comparison.same)


def _candidate(arguments: argparse.Namespace, environment: Environment) -> Environment:
    """Return the environment with the other image."""
    import msgspec

    from buildd.model import EngineName, Pull

    is_host = environment.engine is EngineName.HOST
    dockerfile = os.path.join(current_directory(), arguments.dockerfile)
    return msgspec.structs.replace(
        environment,
        engine=EngineName.DOCKER if is_host else environment.engine,
        image=arguments.image,
        dockerfile=os.path.normpath(dockerfile) if arguments.dockerfile else "",
        pull=Pull.MISSING,
    )


def _image(environment: Environment, project: Project) -> str:
    """Return the name of the environment's image or Dockerfile, for a person."""
    from buildd_cli.output.diagnostics import short_path

    if environment.dockerfile:
        return short_path(environment.dockerfile, project.path)
    return environment.image or "this machine itself"
