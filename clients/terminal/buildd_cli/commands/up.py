"""`buildd up`: start an environment."""

from __future__ import annotations

import argparse
from typing import Any

from buildd_cli import consent
from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.terminal import clean, print_json, show_progress

HELP = """
Start an environment: build or pull its image if needed, and start its container.

Runs do this by themselves. Use it so that the first run starts at once, or after a change of the
Dockerfile to wait for the new image. An environment whose container runs is called warm.

examples:
  buildd up
  buildd up cross           the environment `cross`
  buildd up --rebuild       build the image again, and replace the container

exit status: 0 if the environment is warm; 125 if it failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "environment",
        nargs="?",
        default="",
        metavar="ENV",
        help="the environment to start (default: the project's default environment)",
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="build the image again, and replace the container"
    )
    consent.configure(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Start the environment and print its state."""

    def on_notification(method: str, params: Any) -> None:
        if method == "buildd/progress":
            show_progress(params)

    connection = connect()
    project = project_of(arguments)
    consent.give(arguments, connection, project)
    status = connection.request(
        "buildd/up",
        on_notification,
        project=project,
        environment=arguments.environment,
        rebuild=arguments.rebuild,
    )
    if arguments.json:
        print_json(status)
    else:
        print(environment_line(status))
        for remark in status.get("remarks", ()):
            print(f"  {clean(remark)}")
    return 0


def environment_line(status: dict[str, Any]) -> str:
    """Return the state of an environment, as `build is warm: docker, image golang:1.22`."""
    parts = [status["engine"]]
    if status.get("image"):
        parts.append(f"image {status['image']}")
    if status.get("container"):
        parts.append(f"container {status['container'][:12]}")
    return f"{status['name']} is {status['state']}: {', '.join(parts)}"
