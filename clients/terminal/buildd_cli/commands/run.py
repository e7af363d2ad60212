"""`buildd run TASK`: any task of the project."""

from __future__ import annotations

import argparse

from buildd_cli.task import configure_task, help_of, run_task

HELP = help_of(
    "run lint",
    "Run a task of the project, as declared in its buildd.toml, in the task's environment.",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("task", metavar="TASK", help="its name, as in `[tasks.TASK]`")
    parser.add_argument(
        "tests",
        nargs="*",
        default=[],
        metavar="TEST",
        help="only these, by the names that `buildd tests` shows",
    )
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run it; its exit status."""
    return run_task(arguments, arguments.task)
