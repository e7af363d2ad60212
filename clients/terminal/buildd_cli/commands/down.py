"""`buildd down`: the containers removed."""

from __future__ import annotations

import argparse

from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.terminal import print_json

HELP = """
Remove the containers of the project's environments, or of one of them. Images and caches stay:
the next run makes a new container in a moment.

examples:
  buildd down
  buildd down cross

exit status: 0, also where there was nothing to remove; 125 where it failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "environment", nargs="?", default="", metavar="ENV", help="default: all of the project"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remove them."""
    result = connect().request(
        "buildd/down", project=project_of(arguments), environment=arguments.environment
    )
    if arguments.json:
        print_json(result)
    else:
        removed = result["removed"]
        print(f"removed: {', '.join(removed)}" if removed else "there was nothing to remove")
    return 0
