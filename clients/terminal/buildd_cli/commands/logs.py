"""`buildd logs`: print the output of runs."""

from __future__ import annotations

import argparse
import binascii
import os
import re
from typing import Any

from buildd.errors import UnknownNameError
from buildd_cli.daemon.connection import DaemonError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.execution.pipes import write_all
from buildd_cli.output.escape_filter import EscapeFilter

HELP = """
Print the output of a run: of the newest one, of a task's newest run, or of one run.

In a pipe the output is exactly what the command wrote. On a terminal, control sequences other than
colours are removed. `buildd status` and `buildd history TASK` show the ids of runs.

examples:
  buildd logs               the newest run
  buildd logs test          the newest run of the task `test`
  buildd logs 4f2a90c1      one run
  buildd logs -f            follow the current run, and all runs after it

exit status: 0; 130 after Ctrl-C; 125 if buildd itself failed.
"""


_RUN_ID = re.compile(r"[0-9a-f]{8}\Z")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "-f", "--follow", action="store_true", help="keep printing output as it comes, until Ctrl-C"
    )
    parser.add_argument(
        "of",
        nargs="?",
        default="",
        metavar="RUN|TASK",
        help="a run's id or a task's name (default: the newest run)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the output."""
    connection = connect()
    escape_filter = EscapeFilter() if os.isatty(1) else None

    def on_notification(method: str, params: Any) -> None:
        if method == "buildd/output":
            data = binascii.a2b_base64(params["data"])
            write_all(1, escape_filter.feed(data) if escape_filter else data)

    def ask(**which: str) -> None:
        connection.request(
            "buildd/logs",
            on_notification,
            project=project_of(arguments),
            follow=arguments.follow,
            **which,
        )

    if not is_run_id(arguments.of):
        ask(task=arguments.of)
        return 0
    try:
        ask(run=arguments.of)
    except DaemonError as error:
        # The name of a task can look like an id.
        if error.code != UnknownNameError.code:
            raise
        try:
            ask(task=arguments.of)
        except DaemonError:
            raise error from None
    return 0


def is_run_id(text: str) -> bool:
    """Return whether the text looks like a run's id: 8 hexadecimal digits."""
    return bool(_RUN_ID.match(text))
