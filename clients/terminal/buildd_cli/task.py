"""A task run from the terminal: its output live, then what it found."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.words import seconds
from buildd.errors import BuilddError
from buildd_cli import consent
from buildd_cli.arguments import add_quiet
from buildd_cli.connection import Connection
from buildd_cli.daemon import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.interrupts import Interrupts
from buildd_cli.render import diagnostics_text, totals
from buildd_cli.stream import LiveOutput
from buildd_cli.terminal import (
    BOLD,
    GREEN,
    RED,
    YELLOW,
    Style,
    clean,
    print_json,
    show_progress,
)

Run = Mapping[str, Any]

_HELP = """
{what} Its output comes live on standard output; a summary and the diagnostics found in it follow
on standard error.

examples:
  buildd {command}
  buildd {command} --quiet
  buildd {command} --json > result.json
  buildd -C ~/src/zlib {command}

If the task is running already, this waits for the run after it, which all who ask meanwhile
share. Ctrl-C cancels, twice kills.

exit status: the task's own, 128+N where signal N ended it (130 after Ctrl-C); 125 where buildd
itself failed.
"""


def help_of(command: str, what: str) -> str:
    """The text of `--help` of a command that runs a task."""
    return _HELP.format(command=command, what=what)


def configure_task(parser: argparse.ArgumentParser) -> None:
    """Declare what all of these commands take."""
    add_quiet(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the run and its diagnostics as JSON; the live output goes to standard error",
    )
    consent.configure(parser)


def run_task(arguments: argparse.Namespace, task: str) -> int:
    """Run the task; its exit status."""
    project = project_of(arguments)
    connection = connect()
    consent.give(arguments, connection, project)
    tests = _chosen(connection, project, task, getattr(arguments, "tests", ()))
    target = None if arguments.quiet else 2 if arguments.json else 1
    result, status = attend(connection, project, task, target, tests)
    if arguments.json:
        print_json({"diagnostics": [], **result})
    else:
        show_result(result)
    if result["run"]["state"] == "lost":
        raise BuilddError(
            result["run"].get("error") or "the environment went away", "Run it again."
        )
    return status


def attend(
    connection: Connection,
    project: str,
    task: str,
    target: int | None,
    tests: Sequence[Sequence[str]] = (),
) -> tuple[dict[str, Any], int]:
    """Have the daemon run the task, and show its output on the descriptor `target`, if any. The
    result, and the exit status: the command's own, or that of the signal that cancelled it."""
    request = connection.start("buildd/run", project=project, task=task, tests=tests)
    output = LiveOutput(target)
    with Interrupts(connection, request, project) as interrupts:

        def on_notification(method: str, params: Any) -> None:
            if method == "buildd/output":
                output.show_told(params)
            elif method == "buildd/progress":
                show_progress(params)
            elif method == "buildd/runStarted":
                interrupts.run = params["id"]

        result = connection.wait(request, on_notification)
    output.finish()
    if result["run"]["state"] == "cancelled":
        return result, 128 + (interrupts.first or signal.SIGINT)
    return result, int(result["run"].get("exitStatus") or 0)


def _chosen(
    connection: Connection, project: str, task: str, names: Sequence[str]
) -> list[list[str]]:
    """The tests whose path, joined by `::`, is a name or ends with it."""
    if not names:
        return []
    known = connection.request("buildd/tests", project=project, task=task)["tasks"]
    paths = ["::".join(one["path"]) for tests in known for one in tests["tests"]]
    found: list[list[str]] = []
    for name in names:
        fitting = [path for path in paths if path == name or path.endswith(f"::{name}")]
        if not fitting:
            import difflib

            near = difflib.get_close_matches(name, paths, 1, 0.3)
            raise BuilddError(
                f"{task}: no test `{name}` is known from its last run",
                f"Did you mean `{near[0]}`?" if near else f"Run `buildd run {task}` first.",
            )
        found += [path.split("::") for path in fitting]
    return found


def show_result(result: Mapping[str, Any]) -> None:
    """How a run ended, as a summary and what it found, on standard error."""
    style = Style(sys.stderr)
    found = result.get("diagnostics", [])
    tested = tests_text(result.get("tests", []), style)
    told = ", ".join(filter(None, (tested, totals(found))))
    print(summary(result["run"], told, style), file=sys.stderr)
    text = diagnostics_text(found, style, current_directory())
    print(text, end="", file=sys.stderr, flush=True)


def tests_text(tests: Sequence[Mapping[str, Any]], style: Style) -> str:
    """`12 tests passed, 1 failed`; empty without any."""
    colours = {"failed": RED, "errored": RED}
    counts = {
        state: sum(1 for one in tests if one["state"] == state)
        for state in ("passed", "failed", "errored", "skipped")
    }
    parts = [
        style.paint(f"{number} {state}", colours.get(state, BOLD))
        for state, number in counts.items()
        if number
    ]
    return f"tests: {', '.join(parts)}" if parts else ""


def summary(run: Run, found: str, style: Style) -> str:
    """`build failed in 1.2 s: exit status 2 · 1 error, 2 warnings`."""
    took = seconds(run["ended"] - (run.get("started") or run["created"]))
    status = run.get("exitStatus")
    if run["state"] == "cancelled":
        verdict = style.paint(f"{run['task']} was cancelled after {took}", BOLD, YELLOW)
    elif run["state"] == "finished" and status == 0:
        verdict = style.paint(f"{run['task']} succeeded in {took}", BOLD, GREEN)
    else:
        verdict = style.paint(f"{run['task']} failed in {took}", BOLD, RED)
        if status is not None:
            verdict += f": {exit_text(status)}"
    remarks = [style.paint(clean(remark), YELLOW) for remark in run.get("remarks", ())]
    return "\n".join((" · ".join(filter(None, (verdict, found))), *remarks))


def exit_text(status: int) -> str:
    """`exit status 2`, `exit status 139 (SIGSEGV)`."""
    try:
        return f"exit status {status} ({signal.Signals(status - 128).name})"
    except ValueError:
        return f"exit status {status}"
