"""`buildd image`: a run image, built from what tasks have made."""

from __future__ import annotations

import argparse
import signal
from typing import Any

from buildd.errors import REQUEST_CANCELLED
from buildd_cli import consent
from buildd_cli.arguments import add_json
from buildd_cli.connection import DaemonError
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.interrupts import Interrupts
from buildd_cli.stream import LiveOutput
from buildd_cli.task import show_result
from buildd_cli.terminal import clean, print_json, show_progress

HELP = """
Build an image from what the project's tasks make: run the tasks that it needs, each in its
environment, then its Dockerfile. The first task that fails is the last; an error in the Dockerfile
is a diagnostic there, too.

examples:
  buildd image              the only one of the project
  buildd image run

exit status: 0 where it is built; that of the task that failed; 125 where the image does not build
or buildd failed; 130 after Ctrl-C.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "image", nargs="?", default="", metavar="NAME", help="default: the project's only one"
    )
    consent.configure(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build it."""
    project = project_of(arguments)
    connection = connect()
    consent.give(arguments, connection, project)
    output = LiveOutput(2 if arguments.json else 1)
    request = connection.start("buildd/image", project=project, image=arguments.image)
    with Interrupts(connection, request, project) as interrupts:

        def on_notification(method: str, params: Any) -> None:
            if method == "buildd/output":
                output.show_told(params)
            elif method == "buildd/progress":
                show_progress(params)
            elif method == "buildd/runStarted":
                interrupts.run = params["id"]
            elif method == "buildd/runEnded":
                output.finish()
                if not arguments.json:
                    show_result(params)

        try:
            result = connection.wait(request, on_notification)
        except DaemonError as error:
            if error.code != REQUEST_CANCELLED:
                raise
            return 128 + (interrupts.first or signal.SIGINT)
    failed = result.get("failed")
    if arguments.json:
        print_json(result)
    elif not failed:
        name = result["image"].removeprefix("sha256:")[:12]
        print(f"{clean(result['tag'])} is built: {name}")
    if not failed:
        return 0
    if failed["state"] != "finished":
        return 128 + (interrupts.first or signal.SIGINT)
    return int(failed["exitStatus"])
