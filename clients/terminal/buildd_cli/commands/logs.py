"""`buildd logs`: the output of runs, as it was written."""

from __future__ import annotations

import argparse
import binascii
import os
import re
from typing import Any

from buildd.errors import UnknownNameError
from buildd_cli.connection import DaemonError
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.pumps import write_all
from buildd_cli.visible import Visible

HELP = """
Print the output of a run byte by byte as it was written: of the one named by its id or task,
else of the newest. The ids are in `buildd status`.

examples:
  buildd logs
  buildd logs test
  buildd logs 4f2a90c1
  buildd logs -f            follow the run under way, and later ones

exit status: 0; 130 after Ctrl-C; 125 where buildd failed.
"""

_RUN_ID = re.compile(r"[0-9a-f]{8}\Z")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is written")
    parser.add_argument("of", nargs="?", default="", metavar="RUN|TASK", help="whose output")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    connection = connect()
    visible = Visible() if os.isatty(1) else None

    def on_notification(method: str, params: Any) -> None:
        if method == "buildd/output":
            data = binascii.a2b_base64(params["data"])
            write_all(1, visible.feed(data) if visible else data)

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
        # A task may have such a name.
        if error.code != UnknownNameError.code:
            raise
        try:
            ask(task=arguments.of)
        except DaemonError:
            raise error from None
    return 0


def is_run_id(text: str) -> bool:
    """Whether it looks like a run's id: 8 hexadecimal digits."""
    return bool(_RUN_ID.match(text))
