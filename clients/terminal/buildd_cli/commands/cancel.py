"""`buildd cancel`: cancel runs, and the preparation of environments."""

from __future__ import annotations

import argparse

from buildd_cli.arguments import add_json
from buildd_cli.commands.logs import is_run_id
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.terminal import print_json

HELP = """
Cancel one run, the runs of a task, or all runs of the project.

A cancelled run gets SIGINT, SIGTERM after 2 s, and SIGKILL after 2 s more. Without an argument,
image builds and container starts are cancelled too; existing images and containers stay in use.

examples:
  buildd cancel                    all runs of the project
  buildd cancel test               the runs of the task `test`
  buildd cancel 4f2a90c1 --kill    one run, by the id that `buildd status` shows

exit status: 0, also if nothing was running; 125 if buildd itself failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--kill", action="store_true", help="send SIGKILL at once")
    parser.add_argument(
        "of",
        nargs="?",
        default="",
        metavar="RUN|TASK",
        help="a run's id or a task's name (default: everything)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cancel them and print what was cancelled."""
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
        preparations = (f"preparation of environment {name}" for name in environments)
        what = [*cancelled["runs"], *preparations]
        print(f"cancelled: {', '.join(what)}" if what else "nothing was running")
    return 0
