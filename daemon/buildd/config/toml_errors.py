"""What is wrong with a TOML file that a person wrote, with line, column and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

from buildd.base.printable import printable
from buildd.config.fit import Problem
from buildd.config.key_positions import Position, dotted, nearest, positions
from buildd.errors import ConfigError

MOST_DOTS = 256
"""In a line: the standard reader's time grows with the square of the parts of a dotted key, and
nobody has consented to anything yet."""

_AT_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parsed(file: str, text: str) -> dict[str, Any]:
    """What the text of the file says. Raises ConfigError where it is not TOML."""
    for number, content in enumerate(text.split("\n"), 1):
        if content.count(".") > MOST_DOTS:
            message = f"this line has more than {MOST_DOTS} dots"
            raise ConfigError(message, "Break it into several.", file=file, line=number)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_PLACE.search(str(error))
        line, column = text.rstrip("\n").count("\n") + 1, 1
        if found and found[1]:
            line, column = int(found[1]), int(found[2])
        message = printable(_AT_PLACE.sub("", str(error)))
        raise ConfigError(
            f"it is not TOML: {message[:1].lower()}{message[1:]}",
            file=file,
            line=line,
            column=column,
        ) from error
    except (RecursionError, ValueError) as error:
        # Arrays in arrays in arrays …, or a number of thousands of digits.
        raise ConfigError(f"it cannot be read as TOML: {error}", file=file) from error


def located(problems: Iterable[Problem], file: str, text: str) -> list[ConfigError]:
    """The problems as errors at their places in the file, whose text this is, and in its order."""
    found = positions(text)
    errors = [_error(problem, file, nearest(found, problem.path)) for problem in problems]
    return sorted(errors, key=lambda error: (error.line, error.column))


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
