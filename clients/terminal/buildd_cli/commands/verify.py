"""`buildd verify`: compare a task's warm result with that of a clean checkout."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from buildd.base.containment import is_below
from buildd_cli.arguments import add_json, add_quiet
from buildd_cli.directory import current_directory
from buildd_cli.output.terminal import Style, clean, print_json

if TYPE_CHECKING:
    from buildd.model import Project, Task
    from buildd.protocol import RunResult
    from buildd.trials.comparison import Comparison

HELP = """
Run a task here and as a pipeline would, and show whether the results agree.

Use it before you push. The first run is in the warm environment. The second one is in a fresh
container with empty caches, on a copy of the files under version control as they are now. Exit
status, diagnostics, tests, and the content of the task's `outputs` are compared. Files that are
neither under version control nor made by the second run are listed: the warm run may have needed
them, and a pipeline does not have them.

examples:
  buildd verify build
  buildd verify test --json

exit status: 0 if the results agree; 1 if not; 128+N if signal N ended buildd; 125 if buildd itself
failed.
"""

SHOWN = 20
"""The most files that are listed by name."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("task", metavar="TASK", help="the task's name, as in `[tasks.TASK]`")
    add_quiet(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the task twice; return the exit status."""
    import msgspec

    from buildd.config.lookup import task_named
    from buildd.protocol import RunResult
    from buildd.trials.outputs import digests
    from buildd_cli.daemon.lifecycle import connect
    from buildd_cli.in_process import ended, load_project, require_trust, run_async
    from buildd_cli.task_run import run_and_show

    project = load_project(arguments)
    require_trust(project)
    task = task_named(project, arguments.task)
    _announce(arguments, f"{task.name}, warm")
    connection = connect()
    target = None if arguments.quiet else 2
    result, status = run_and_show(connection, project.path, task.name, target)
    connection.close()
    if result["run"]["state"] == "cancelled":
        return status
    warm = ended(msgspec.convert(result, RunResult))
    outputs = digests(project.path, task.outputs)
    return run_async(_run(arguments, project, task, warm, outputs))


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
    from buildd_cli.in_process import ended, report
    from buildd_cli.output.comparison import Side, differences_text
    from buildd_cli.output.live_output import OutputWriter

    output = OutputWriter(None if arguments.quiet else 2)
    _announce(arguments, f"{task.name}, clean")
    async with trial(project, CheckoutSource.TRACKED) as made:
        clean_result = ended(await made.run(task, output.write, report))
        output.finish()
        comparison = compare(warm, clean_result, outputs, digests(made.directory, task.outputs))
        outside = _suspects(strays(project.path, made.directory), task, comparison)
    if arguments.json:
        results = {
            name: msgspec.to_builtins(result)
            for name, result in (("warm", warm), ("clean", clean_result))
        }
        differences = {"comparison": msgspec.to_builtins(comparison), "outside": outside}
        print_json({"same": comparison.same, **results, **differences})
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
    """Return the files outside version control that the task did not make itself.

    Those that diagnostics of only the clean run name come first.
    """
    others = [
        name for name in outside if not any(is_below(name, output) for output in task.outputs)
    ]
    messages = "\n".join(diagnostic.message for diagnostic in comparison.gained)
    return sorted(others, key=lambda name: os.path.basename(name.rstrip("/")) not in messages)


def _outside_text(outside: list[str]) -> str:
    if not outside:
        return ""
    shown = [f"  {clean(name)}" for name in outside[:SHOWN]]
    if len(outside) > SHOWN:
        shown.append(f"  and {len(outside) - SHOWN} more")
    return "\n".join(("not under version control, and not made by the clean run:", *shown, ""))
