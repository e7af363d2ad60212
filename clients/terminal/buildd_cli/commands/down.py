"""`buildd down`: the containers stopped."""

from __future__ import annotations

import argparse

from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.terminal import print_json

HELP = """
Stop the containers of the project's environments, or of one of them, and what runs in them.
They are kept, and the next run starts them again in a moment; `buildd clean` removes them.

examples:
  buildd down
  buildd down cross

exit status: 0, also where there was nothing to stop; 125 where it failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "environment", nargs="?", default="", metavar="ENV", help="default: all of the project"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Stop them."""
    result = connect().request(
        "buildd/down", project=project_of(arguments), environment=arguments.environment
    )
    if arguments.json:
        print_json(result)
    else:
        stopped = result["stopped"]
        print(f"stopped: {', '.join(stopped)}" if stopped else "there was nothing to stop")
    return 0
