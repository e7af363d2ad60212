"""`buildd test`: the task `test`."""

from __future__ import annotations

import argparse

from buildd_cli.task import configure_task, help_of, run_task

HELP = help_of("test", "Run the project's task `test` in its warm environment.")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "tests",
        nargs="*",
        metavar="TEST",
        help="only these, by the names that `buildd tests` shows",
    )
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run it; its exit status."""
    return run_task(arguments, "test")
