"""`buildd cancel`: an end to runs, and to the making of environments."""

from __future__ import annotations

import argparse

from buildd_cli.arguments import add_json
from buildd_cli.commands.logs import is_run_id
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.terminal import print_json

HELP = """
Cancel runs: the one with this id, those of this task, or all of the project. A run is
interrupted, terminated after 2 s and killed after 2 s more. With all, images and containers that
are being made end too, and what was there before goes on serving.

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

    def ask(*, run: str = "", task: str = "") -> dict[str, list[str]]:
        result: dict[str, list[str]] = connection.request(
            "buildd/cancel",
            project=project_of(arguments),
            kill=arguments.kill,
            run=run,
            task=task,
        )
        return result

    cancelled = ask(run=arguments.of) if is_run_id(arguments.of) else {}
    if not cancelled.get("runs"):
        cancelled = ask(task=arguments.of)
    environments = cancelled.get("environments", [])
    if arguments.json:
        print_json({"environments": environments, **cancelled})
    else:
        what = [*cancelled["runs"], *(f"the making of {name}" for name in environments)]
        print(f"cancelled: {', '.join(what)}" if what else "nothing was running")
    return 0
