"""`buildd verify`: a task's warm result beside that of a clean checkout in a fresh container."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from buildd.base.containment import is_below
from buildd_cli.arguments import add_json, add_quiet
from buildd_cli.directory import current_directory
from buildd_cli.terminal import Style, clean, print_json

if TYPE_CHECKING:
    from buildd.model import Project, Task
    from buildd.protocol import RunResult
    from buildd.trials.comparison import Comparison

HELP = """
Run a task in its warm environment, and as a pipeline would: in a fresh container with empty caches,
on the files under version control as they are now. Then show whether both agree: exit status,
diagnostics, tests, and the files that the task's `outputs` names, by their content. What lies in
the project but neither under version control nor made by the clean run is named: the warm run may
have needed it, and the pipeline does not have it.

examples:
  buildd verify build
  buildd verify test --json

exit status: 0 if both agree, 1 if not, 128+N where signal N ended us, 125 where buildd failed.
"""

SHOWN = 20
"""Files that are named one by one."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("task", metavar="TASK", help="its name, as in `[tasks.TASK]`")
    add_quiet(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run it twice; the exit status."""
    import msgspec

    from buildd.protocol import RunResult
    from buildd.trials.outputs import digests
    from buildd_cli.daemon import connect
    from buildd_cli.here import conduct, ended, project_here, require_trust, task_of
    from buildd_cli.task import attend

    project = project_here(arguments)
    require_trust(project)
    task = task_of(project, arguments.task)
    _announce(arguments, f"{task.name}, warm")
    connection = connect()
    told, status = attend(connection, project.path, task.name, None if arguments.quiet else 2)
    connection.close()
    if told["run"]["state"] == "cancelled":
        return status
    warm = ended(msgspec.convert(told, RunResult))
    outputs = digests(project.path, task.outputs)
    return conduct(_run(arguments, project, task, warm, outputs))


async def _run(
    arguments: argparse.Namespace,
    project: Project,
    task: Task,
    warm: RunResult,
    outputs: dict[str, str],
) -> int:
    import msgspec

    from buildd.trials.checkout import CheckoutSource, strays
    from buildd.trials.comparison import compare
    from buildd.trials.outputs import digests
    from buildd.trials.trial import trial
    from buildd_cli.differences import Side, differences_text
    from buildd_cli.here import ended, report
    from buildd_cli.stream import LiveOutput

    output = LiveOutput(None if arguments.quiet else 2)
    _announce(arguments, f"{task.name}, clean")
    async with trial(project, CheckoutSource.TRACKED) as made:
        clean_result = ended(await made.run(task, output.show, report))
        output.finish()
        comparison = compare(warm, clean_result, outputs, digests(made.directory, task.outputs))
        outside = _suspects(strays(project.path, made.directory), task, comparison)
    if arguments.json:
        results = {
            name: msgspec.to_builtins(one)
            for name, one in (("warm", warm), ("clean", clean_result))
        }
        told = msgspec.to_builtins(comparison)
        print_json({"same": comparison.same, **results, "comparison": told, "outside": outside})
    else:
        sides = (Side("warm", warm), Side("clean", clean_result))
        style = Style(sys.stdout)
        print(differences_text(sides, comparison, style, current_directory()), end="")
        print(_outside_text(outside), end="")
    return int(not comparison.same)


def _announce(arguments: argparse.Namespace, what: str) -> None:
    if not arguments.quiet:
        print(f"== {what}", file=sys.stderr, flush=True)


def _suspects(outside: Iterable[str], task: Task, comparison: Comparison) -> list[str]:
    """What is outside version control and not itself made by the task: first that of which what
    only the clean run found speaks."""
    others = [
        name for name in outside if not any(is_below(name, output) for output in task.outputs)
    ]
    said = "\n".join(one.message for one in comparison.gained)
    return sorted(others, key=lambda name: os.path.basename(name.rstrip("/")) not in said)


def _outside_text(outside: list[str]) -> str:
    if not outside:
        return ""
    shown = [f"  {clean(name)}" for name in outside[:SHOWN]]
    if len(outside) > SHOWN:
        shown.append(f"  and {len(outside) - SHOWN} more")
    return "\n".join(("outside version control, and not made by the clean run:", *shown, ""))
