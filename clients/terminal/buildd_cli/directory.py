"""Which directory a command means."""

from __future__ import annotations

import os

from buildd.errors import BuilddError

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse


def project_of(arguments: argparse.Namespace, directory: str | None = None) -> str:
    """The absolute directory meant: `directory`, else `-C`, else where we are."""
    return os.path.normpath(os.path.join(current_directory(), arguments.project, directory or ""))


def current_directory() -> str:
    """Where we are; raises BuilddError where that has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise BuilddError(
            "the current directory has been removed", "Go to another one, or use -C DIR."
        ) from error
