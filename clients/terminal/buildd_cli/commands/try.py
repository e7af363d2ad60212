"""`buildd try`: a task in another image beside the present one, and what differs."""

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
Run a task twice, in its environment as it is and in the same with another image, and show what
differs: what breaks if we upgrade? Each has a fresh container and a copy of the project's files as
they are now, without what git ignores, so that both build everything, and neither the warm
container nor what you have built is touched. One runs after the other, so that their times can be
compared; both containers are gone at the end.

examples:
  buildd try --image gcc:14 build
  buildd try --dockerfile next.Dockerfile test
  buildd try --image golang:1.23 test --json | jq '.comparison.gained[].message'

A finding that another compiler words otherwise, or names at another line, is the same finding.

exit status: 0 if both are the same but for the time they took, 1 if they differ, 128+N where
signal N ended us, 125 where buildd failed, as when the image cannot be had.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    candidate = parser.add_mutually_exclusive_group(required=True)
    candidate.add_argument("--image", default="", metavar="IMAGE", help="the other image")
    candidate.add_argument(
        "--dockerfile", default="", metavar="FILE", help="what the other image is built from"
    )
    parser.add_argument("task", metavar="TASK", help="its name, as in `[tasks.TASK]`")
    add_quiet(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run it twice; the exit status."""
    from buildd_cli.here import conduct, project_here, require_trust, task_of

    project = project_here(arguments)
    require_trust(project)
    return conduct(_run(arguments, project, task_of(project, arguments.task)))


async def _run(arguments: argparse.Namespace, project: Project, task: Task) -> int:
    import msgspec

    from buildd.trials.checkout import CheckoutSource
    from buildd.trials.comparison import compare
    from buildd.trials.trial import trial
    from buildd_cli.differences import Side, differences_text
    from buildd_cli.here import ended, report
    from buildd_cli.stream import LiveOutput
    from buildd_cli.terminal import Style, print_json

    output = LiveOutput(None if arguments.quiet else 2)
    other = f"{arguments.dockerfile or arguments.image}"
    titles = (_image(project.environments[task.environment], project), other)
    async with (
        trial(project, CheckoutSource.PRESENT) as present,
        trial(project, present, lambda one: _candidate(arguments, one)) as candidate,
    ):
        sides = []
        for title, one in zip(titles, (present, candidate), strict=True):
            if not arguments.quiet:
                print(f"== {task.name} in {title}", file=sys.stderr, flush=True)
            sides.append(Side(title, ended(await one.run(task, output.show, report))))
            output.finish()
    comparison = compare(sides[0].result, sides[1].result)
    if arguments.json:
        results = {
            "present": {"image": titles[0], **msgspec.to_builtins(sides[0].result)},
            "candidate": {"image": titles[1], **msgspec.to_builtins(sides[1].result)},
        }
        told = msgspec.to_builtins(comparison)
        print_json({"same": comparison.same, **results, "comparison": told})
    else:
        style = Style(sys.stdout)
        print(differences_text(sides, comparison, style, current_directory()), end="")
    return int(not comparison.same)


def _candidate(arguments: argparse.Namespace, environment: Environment) -> Environment:
    """The environment with the other image."""
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
    """What the environment is made of, for a person."""
    from buildd_cli.render import short_path

    if environment.dockerfile:
        return short_path(environment.dockerfile, project.path)
    return environment.image or "this machine itself"
