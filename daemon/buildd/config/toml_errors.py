"""This module parses TOML files, and reports errors with their line, column and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

from buildd.base.printable import printable
from buildd.config.fit import Problem
from buildd.config.key_positions import Position, dotted, nearest, positions
from buildd.errors import ConfigError

DOT_LIMIT = 256
"""Largest number of dots in a line. The time of `tomllib` grows with the square of the parts of a
dotted key, and files are read before the user trusts them."""

ERROR_LIMIT = 100
"""Largest number of errors that are reported."""

_AT_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse_toml(file: str, text: str) -> dict[str, Any]:
    """Return the data of a TOML text. Raises ConfigError if it is not valid."""
    for number, content in enumerate(text.split("\n"), 1):
        if content.count(".") > DOT_LIMIT:
            message = f"this line has more than {DOT_LIMIT} dots"
            raise ConfigError(message, "Split it into several lines.", file=file, line=number)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT_PLACE.search(str(error))
        line, column = text.rstrip("\n").count("\n") + 1, 1
        if match and match[1]:
            line, column = int(match[1]), int(match[2])
        message = printable(_AT_PLACE.sub("", str(error)))
        raise ConfigError(
            f"the file is not valid TOML: {message[:1].lower()}{message[1:]}",
            file=file,
            line=line,
            column=column,
        ) from error
    except (RecursionError, ValueError) as error:
        # The file has deeply nested arrays, or a number of thousands of digits.
        raise ConfigError(f"the file cannot be read as TOML: {error}", file=file) from error


def located_errors(problems: Iterable[Problem], file: str, text: str) -> list[ConfigError]:
    """Return the problems as errors in the file's order, at most `ERROR_LIMIT`.

    `text` is the content of the file, and gives the lines and columns.
    """
    found = positions(text)
    errors = [_error(problem, file, nearest(found, problem.path)) for problem in problems]
    return sorted(errors, key=lambda error: (error.line, error.column))[:ERROR_LIMIT]


def _error(problem: Problem, file: str, position: Position) -> ConfigError:
    return ConfigError(
        problem.message,
        problem.remedy,
        file=file,
        line=position[0],
        column=position[1],
        key=dotted(problem.path),
        missing=problem.missing,
    )
