"""`buildd run TASK`: run any task of the project."""

from __future__ import annotations

import argparse

from buildd_cli.task_run import configure_task, run_task, task_help

HELP = task_help(
    "run lint",
    "Run a task of the project, as declared in its buildd.toml, in the task's warm environment.",
    "buildd run check test_adds            only this test of the task `check`",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("task", metavar="TASK", help="the task's name, as in `[tasks.TASK]`")
    parser.add_argument(
        "tests",
        nargs="*",
        default=[],
        metavar="TEST",
        help="run only these tests, by the names that `buildd tests` shows (default: all)",
    )
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the task; return its exit status."""
    return run_task(arguments, arguments.task)
