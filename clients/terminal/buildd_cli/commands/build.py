"""`buildd build`: run the task `build`."""

from __future__ import annotations

import argparse

from buildd_cli.task_run import configure_task, run_task, task_help

HELP = task_help("build", "Run the project's task `build` in its warm environment.")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the task; return its exit status."""
    return run_task(arguments, "build")
