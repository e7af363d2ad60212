"""`buildd test`: run the task `test`."""

from __future__ import annotations

import argparse

from buildd_cli.task_run import configure_task, run_task, task_help

HELP = task_help(
    "test",
    "Run the project's task `test` in its warm environment.",
    "buildd test test_adds test_divides    only these tests",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "tests",
        nargs="*",
        metavar="TEST",
        help="run only these tests, by the names that `buildd tests` shows (default: all)",
    )
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the task; return its exit status."""
    return run_task(arguments, "test")
