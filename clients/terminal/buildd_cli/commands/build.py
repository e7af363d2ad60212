"""`buildd build`: the task `build`."""

from __future__ import annotations

import argparse

from buildd_cli.task import configure_task, help_of, run_task

HELP = help_of("build", "Run the project's task `build` in its warm environment.")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    configure_task(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run it; its exit status."""
    return run_task(arguments, "build")
