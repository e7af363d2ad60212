"""Ask the person at the terminal a question."""

from __future__ import annotations

import sys

from buildd.errors import BuilddError

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from typing import TextIO


def confirm(question: str, remedy: str) -> bool:
    """Ask a yes-or-no question and return whether the answer is yes.

    Raises BuilddError with `remedy` if there is no terminal.
    """
    terminal = _terminal()
    if terminal is None:
        raise BuilddError("there is no terminal to ask you on", remedy)
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = terminal.readline()
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    return answer.strip().lower() in ("y", "yes")


def _terminal() -> TextIO | None:
    """Return the terminal to read the answer from; None if there is none.

    The question is printed on standard error, so that must be a terminal too.
    """
    if not sys.stderr.isatty():
        return None
    if sys.stdin.isatty():
        return sys.stdin
    try:
        return open("/dev/tty", encoding="utf-8")
    except OSError:
        return None
