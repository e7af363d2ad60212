"""`buildd up`: an environment warm."""

from __future__ import annotations

import argparse
from typing import Any

from buildd_cli import consent
from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.terminal import clean, print_json, show_progress

HELP = """
Have an environment warm, as it is defined now: build or pull its image where needed, make or
adopt its container. Runs do this by themselves; do it beforehand to have the first one start at
once, or after a change of the Dockerfile to wait for the new image.

examples:
  buildd up
  buildd up cross
  buildd up --rebuild       image and container anew

exit status: 0, or 125 where it failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "environment", nargs="?", default="", metavar="ENV", help="default: the project's own"
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="build the image again, and make a new container"
    )
    consent.configure(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Have it warm."""

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
    """`build is warm: docker, image golang:1.22, container 0123456789ab`."""
    parts = [status["engine"]]
    if status.get("image"):
        parts.append(f"image {status['image']}")
    if status.get("container"):
        parts.append(f"container {status['container'][:12]}")
    return f"{status['name']} is {status['state']}: {', '.join(parts)}"
