"""`buildd down`: stop containers."""

from __future__ import annotations

import argparse

from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.terminal import print_json

HELP = """
Stop the containers of the project's environments, and everything that runs in them.

The containers are kept, and the next run starts them again quickly. `buildd clean` removes them.

examples:
  buildd down          all environments of the project
  buildd down cross    the environment `cross`

exit status: 0, also if there was nothing to stop; 125 if it failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "environment",
        nargs="?",
        default="",
        metavar="ENV",
        help="the environment to stop (default: all of the project)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Stop the containers and print whose."""
    result = connect().request(
        "buildd/down", project=project_of(arguments), environment=arguments.environment
    )
    if arguments.json:
        print_json(result)
    else:
        stopped = result["stopped"]
        print(f"stopped: {', '.join(stopped)}" if stopped else "there was nothing to stop")
    return 0
