"""`buildd cancel`: an end to runs."""

from __future__ import annotations

import argparse

from buildd_cli.arguments import add_json
from buildd_cli.commands.logs import is_run_id
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.terminal import print_json

HELP = """
Cancel runs: the one with this id, those of this task, or all of the project. A run is
interrupted, terminated after 2 s and killed after 2 s more.

examples:
  buildd cancel
  buildd cancel test
  buildd cancel 4f2a90c1 --kill

exit status: 0, also where nothing was running; 125 where buildd failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--kill", action="store_true", help="kill at once")
    parser.add_argument("of", nargs="?", default="", metavar="RUN|TASK", help="default: all")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cancel them."""
    connection = connect()

    def ask(*, run: str = "", task: str = "") -> list[str]:
        result = connection.request(
            "buildd/cancel",
            project=project_of(arguments),
            kill=arguments.kill,
            run=run,
            task=task,
        )
        runs: list[str] = result["runs"]
        return runs

    runs = ask(run=arguments.of) if is_run_id(arguments.of) else []
    runs = runs or ask(task=arguments.of)
    if arguments.json:
        print_json({"runs": runs})
    else:
        print(f"cancelled: {', '.join(runs)}" if runs else "nothing was running")
    return 0
