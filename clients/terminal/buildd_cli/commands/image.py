"""`buildd image`: build a run image from what the tasks have built."""

from __future__ import annotations

import argparse
import signal
from typing import Any

from buildd.errors import REQUEST_CANCELLED
from buildd_cli import consent
from buildd_cli.arguments import add_json
from buildd_cli.daemon.connection import DaemonError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.execution.signals import SignalForwarder
from buildd_cli.output.live_output import OutputWriter
from buildd_cli.output.terminal import clean, print_json, show_progress
from buildd_cli.task_run import show_result

HELP = """
Build a run image: the image that ships what the project's tasks have built.

It runs the tasks that the image needs, each in its environment, and then builds the image's
Dockerfile. It stops at the first task that fails. An error in the Dockerfile is also shown there by
your editor. Images are declared in buildd.toml, as `[images.NAME]`.

examples:
  buildd image              the project's only image
  buildd image run          the image `[images.run]`

exit status: 0 if the image was built; that of the failed task; 125 if the image did not build or
buildd itself failed; 130 after Ctrl-C.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "image",
        nargs="?",
        default="",
        metavar="NAME",
        help="the image's name (default: the project's only image)",
    )
    consent.configure(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build the image; return the exit status."""
    project = project_of(arguments)
    connection = connect()
    consent.give(arguments, connection, project)
    output = OutputWriter(2 if arguments.json else 1)
    request = connection.start("buildd/image", project=project, image=arguments.image)
    with SignalForwarder(connection, request, project) as signals:

        def on_notification(method: str, params: Any) -> None:
            if method == "buildd/output":
                output.write_notification(params)
            elif method == "buildd/progress":
                show_progress(params)
            elif method == "buildd/runStarted":
                signals.run = params["id"]
            elif method == "buildd/runEnded":
                output.finish()
                if not arguments.json:
                    show_result(params)

        try:
            result = connection.wait(request, on_notification)
        except DaemonError as error:
            if error.code != REQUEST_CANCELLED:
                raise
            return 128 + (signals.first_signal or signal.SIGINT)
    failed = result.get("failed")
    if arguments.json:
        print_json(result)
    elif not failed:
        name = result["image"].removeprefix("sha256:")[:12]
        print(f"built {clean(result['tag'])} ({name})")
    if not failed:
        return 0
    if failed["state"] != "finished":
        return 128 + (signals.first_signal or signal.SIGINT)
    return int(failed["exitStatus"])
