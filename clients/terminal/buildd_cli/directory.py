"""The directory that a command is about."""

from __future__ import annotations

import os

from buildd.errors import BuilddError

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse


def project_of(arguments: argparse.Namespace, directory: str | None = None) -> str:
    """Return the absolute directory: `directory`, else that of `-C`, else the current one."""
    return os.path.normpath(os.path.join(current_directory(), arguments.project, directory or ""))


def current_directory() -> str:
    """Return the current directory. Raises BuilddError if it has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise BuilddError(
            "the current directory has been removed", "Change to another one, or use -C DIR."
        ) from error
