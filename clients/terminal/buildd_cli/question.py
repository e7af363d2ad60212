"""A question to the person at the terminal."""

from __future__ import annotations

import sys

from buildd.errors import BuilddError

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from typing import TextIO


def agrees(question: str, remedy: str) -> bool:
    """Whether the answer is yes. Raises BuilddError with the remedy where nobody can be asked."""
    terminal = _terminal()
    if terminal is None:
        raise BuilddError("there is no terminal to ask on", remedy)
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = terminal.readline()
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    return answer.strip().lower() in ("y", "yes")


def _terminal() -> TextIO | None:
    """Where a person can answer what they have seen asked on standard error."""
    if not sys.stderr.isatty():
        return None
    if sys.stdin.isatty():
        return sys.stdin
    try:
        return open("/dev/tty", encoding="utf-8")
    except OSError:
        return None
