"""Numbers, durations, lists and commands in words, for a person to read.

Standard library only, because the terminal client speaks with the same words.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`: the number and the noun, which takes an `s` unless it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def and_more(names: Sequence[str]) -> str:
    """`a.c`, `a.c and 2 more`: the first of some names, and how many more there are."""
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]


def seconds(duration: float) -> str:
    """`85 ms`, `1.2 s`, `3 min 4 s`, `2 h 5 min`: a duration given in seconds."""
    if duration < 0.9995:
        return f"{duration * 1000:.0f} ms"
    if duration < 59.95:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def command_line(command: str | Sequence[str]) -> str:
    """A command as one would type it: a shell's text as it is, arguments quoted where need be."""
    return command if isinstance(command, str) else shlex.join(command)
