"""Run a task for a person at a terminal: show its output live, then what it found."""

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
from buildd_cli.daemon.connection import Connection
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.execution.signals import SignalForwarder
from buildd_cli.output.diagnostics import diagnostics_text, totals
from buildd_cli.output.live_output import OutputWriter
from buildd_cli.output.terminal import (
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
"""A run as on the wire."""

_HELP = """
{what}

The output is shown live on standard output. A summary and the diagnostics that were found follow on
standard error.

examples:
  buildd {command}{more}
  buildd {command} --quiet
  buildd {command} --json > result.json
  buildd -C ~/src/zlib {command}

If the task is already running, this waits for the run after it. Everybody who asks meanwhile gets
that same run. Ctrl-C cancels the run; a second Ctrl-C kills it.

exit status: the task's own, or 128+N if signal N ended it (130 after Ctrl-C); 125 if buildd itself
failed.
"""


def task_help(command: str, what: str, more: str = "") -> str:
    """Return the text of `--help` of a command that runs a task; `more` is another example."""
    return _HELP.format(command=command, what=what, more=f"\n  {more}" if more else "")


def configure_task(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the commands that run tasks."""
    add_quiet(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the run and its diagnostics as JSON; the task's output goes to standard error",
    )
    consent.configure(parser)


def run_task(arguments: argparse.Namespace, task: str) -> int:
    """Run the task and return its exit status."""
    project = project_of(arguments)
    connection = connect()
    consent.give(arguments, connection, project)
    tests = _select_tests(connection, project, task, getattr(arguments, "tests", ()))
    target = None if arguments.quiet else 2 if arguments.json else 1
    result, status = run_and_show(connection, project, task, target, tests)
    if arguments.json:
        print_json({"diagnostics": [], **result})
    else:
        show_result(result)
    if result["run"]["state"] == "lost":
        raise BuilddError(
            result["run"].get("error") or "the environment went away", "Run it again."
        )
    return status


def run_and_show(
    connection: Connection,
    project: str,
    task: str,
    target: int | None,
    tests: Sequence[Sequence[str]] = (),
) -> tuple[dict[str, Any], int]:
    """Have the daemon run the task, and show its output.

    The output goes to the descriptor `target`, unless that is None. Returns the result as on the
    wire, and the exit status: the command's own, or 128+N for the signal that cancelled the run.
    """
    request = connection.start("buildd/run", project=project, task=task, tests=tests)
    output = OutputWriter(target)
    with SignalForwarder(connection, request, project) as signals:

        def on_notification(method: str, params: Any) -> None:
            if method == "buildd/output":
                output.write_notification(params)
            elif method == "buildd/progress":
                show_progress(params)
            elif method == "buildd/runStarted":
                signals.run = params["id"]

        result = connection.wait(request, on_notification)
    output.finish()
    if result["run"]["state"] == "cancelled":
        return result, 128 + (signals.first_signal or signal.SIGINT)
    return result, int(result["run"].get("exitStatus") or 0)


def _select_tests(
    connection: Connection, project: str, task: str, names: Sequence[str]
) -> list[list[str]]:
    """Return the paths of the tests whose path, joined by `::`, is a name or ends with it."""
    if not names:
        return []
    known = connection.request("buildd/tests", project=project, task=task)["tasks"]
    paths = ["::".join(test["path"]) for tests in known for test in tests["tests"]]
    selected: list[list[str]] = []
    for name in names:
        matching = [path for path in paths if path == name or path.endswith(f"::{name}")]
        if not matching:
            import difflib

            near = difflib.get_close_matches(name, paths, 1, 0.3)
            raise BuilddError(
                f"the last run of {task} had no test `{name}`",
                f"Did you mean `{near[0]}`?" if near else f"Run `buildd run {task}` first.",
            )
        selected += [path.split("::") for path in matching]
    return selected


def show_result(result: Mapping[str, Any]) -> None:
    """Print how a run ended, and what it found, on standard error."""
    style = Style(sys.stderr)
    diagnostics = result.get("diagnostics", [])
    tests = tests_text(result.get("tests", []), style)
    found = ", ".join(filter(None, (tests, totals(diagnostics))))
    print(summary(result["run"], found, style), file=sys.stderr)
    text = diagnostics_text(diagnostics, style, current_directory())
    print(text, end="", file=sys.stderr, flush=True)


def tests_text(tests: Sequence[Mapping[str, Any]], style: Style) -> str:
    """Return the numbers by state, as `tests: 12 passed, 1 failed`; empty without tests."""
    colours = {"failed": RED, "errored": RED}
    counts = {
        state: sum(1 for test in tests if test["state"] == state)
        for state in ("passed", "failed", "errored", "skipped")
    }
    parts = [
        style.paint(f"{number} {state}", colours.get(state, BOLD))
        for state, number in counts.items()
        if number
    ]
    return f"tests: {', '.join(parts)}" if parts else ""


def summary(run: Run, found: str, style: Style) -> str:
    """Return how a run ended, as `build failed in 1.2 s: exit status 2 · 1 error, 2 warnings`.

    `found` is the last part. Remarks follow, each on its own line.
    """
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
    """Return an exit status as text: `exit status 2`, `exit status 139 (SIGSEGV)`."""
    try:
        return f"exit status {status} ({signal.Signals(status - 128).name})"
    except ValueError:
        return f"exit status {status}"
