"""`buildd watch`: tasks whenever files change, whoever changes them."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from buildd_cli import consent
from buildd_cli.daemon import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.render import diagnostics_text, totals
from buildd_cli.stream import LiveOutput
from buildd_cli.task import configure_task, summary
from buildd_cli.terminal import BOLD, Style, print_json, show_progress

HELP = """
Run tasks now, and again whenever a file changes: the tasks named, else those that run on save. What
.gitignore names does not count. Without an editor, or beside one: the same change makes one run.

What changes during a run is built by one more run after it. A build that writes beside its sources
does not start itself for ever: after three such runs in a row it waits for another change, and a
file that changes in every run, and never without one, starts none.

examples:
  buildd watch
  buildd watch test
  buildd watch --quiet --json | jq .run.exitStatus

It goes on until Ctrl-C.

exit status: 130 after Ctrl-C; 125 where buildd failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="default: those that run on save")
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Watch until told to stop."""
    output = LiveOutput(None if arguments.quiet else 2 if arguments.json else 1)
    style = Style(sys.stderr)

    def on_notification(method: str, params: Any) -> None:
        if method == "buildd/output":
            output.show_told(params)
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
