"""`buildd watch`: run tasks whenever files change."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from buildd_cli import consent
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.output.diagnostics import diagnostics_text, totals
from buildd_cli.output.live_output import OutputWriter
from buildd_cli.output.terminal import BOLD, Style, print_json, show_progress
from buildd_cli.task_run import configure_task, summary

HELP = """
Run tasks now, and again whenever a file changes, until Ctrl-C.

Without arguments, it runs the tasks that have `on-save`. Files that git ignores do not count. It
works without an editor or beside one: a save in the editor still makes only one run.

examples:
  buildd watch
  buildd watch test
  buildd watch --quiet --json | jq .run.exitStatus

Changes during a run lead to one more run after it. A build that writes next to its sources does not
start itself forever: after three such runs in a row it waits for another change, and a file that
changes only in runs starts none.

exit status: 130 after Ctrl-C; 125 if buildd itself failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "tasks",
        nargs="*",
        metavar="TASK",
        help="the tasks to run (default: those that run on save)",
    )
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Watch until a signal ends it."""
    output = OutputWriter(None if arguments.quiet else 2 if arguments.json else 1)
    style = Style(sys.stderr)

    def on_notification(method: str, params: Any) -> None:
        if method == "buildd/output":
            output.write_notification(params)
        elif method == "buildd/progress":
            show_progress(params)
        elif method == "buildd/runStarted":
            print(style.paint(f"==> {params['task']}", BOLD), file=sys.stderr, flush=True)
        elif method == "buildd/runEnded":
            output.finish()
            _show(params, style, json=arguments.json)

    connection = connect()
    project = project_of(arguments)
    consent.give(arguments, connection, project)
    connection.request("buildd/watch", on_notification, project=project, tasks=arguments.tasks)
    return 0


def _show(result: Any, style: Style, *, json: bool) -> None:
    if json:
        print_json({"diagnostics": [], **result})
        return
    found = result.get("diagnostics", [])
    print(summary(result["run"], totals(found), style), file=sys.stderr)
    print(diagnostics_text(found, style, current_directory()), end="", file=sys.stderr, flush=True)
