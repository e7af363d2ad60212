"""The directory that a command is about."""

from __future__ import annotations

import os

from buildd.errors import BuilddError
from buildd.paths import require_utf8

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse


def project_of(arguments: argparse.Namespace, directory: str | None = None) -> str:
    """Return the absolute directory: `directory`, else that of `-C`, else the current one.

    Raises BuilddError if it is not valid UTF-8.
    """
    return absolute(arguments.project, directory or "")


def absolute(*parts: str) -> str:
    """Return the parts as an absolute path, each seen from the one before.

    Raises BuilddError if it is not valid UTF-8: the daemon could not be told of it.
    """
    return require_utf8(os.path.normpath(os.path.join(current_directory(), *parts)))


def current_directory() -> str:
    """Return the current directory. Raises BuilddError if it has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise BuilddError(
            "the current directory has been removed", "Change to another one, or use -C DIR."
        ) from error
