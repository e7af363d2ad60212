"""Text for a person: colours on a terminal, plain lines elsewhere; sizes, durations, tables."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

BOLD, DIM, RED, GREEN, YELLOW, BLUE, CYAN = "1", "2", "31", "32", "33", "34", "36"

_CONTROL = dict.fromkeys((*range(9), *range(11, 32), 127), "�")
_CONTROL |= dict.fromkeys(range(128, 160), "�")


class Style:
    """How to write to one stream.

    `terminal` is True if the stream is a terminal, or FORCE_COLOR is set: source excerpts are
    shown.
    """

    def __init__(self, stream: TextIO) -> None:
        forced = os.environ.get("FORCE_COLOR", "0") not in ("", "0")
        capable = os.environ.get("TERM") != "dumb"
        self.terminal = forced or stream.isatty()
        self._coloured = forced or (self.terminal and capable and not os.environ.get("NO_COLOR"))

    def paint(self, text: str, *codes: str) -> str:
        """Return the text in these colours, or unchanged if the stream has no colours."""
        if not self._coloured or not text:
            return text
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def clean(text: str) -> str:
    """Return the text with its control characters replaced: it cannot control the terminal."""
    return text.translate(_CONTROL)


def show_progress(params: Mapping[str, Any]) -> None:
    """Print a `buildd/progress` notification as a line on standard error."""
    line = clean(params["message"])
    if params.get("percentage") is not None:
        line += f" ({params['percentage']} %)"
    print(Style(sys.stderr).paint(line, DIM), file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Print the value as JSON, in UTF-8 in any locale."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def size(number: int) -> str:
    """Return a number of bytes as text: `512 B`, `3.4 kB`, `120 MB`, `1.2 GB`."""
    amount = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.1f} {unit}" if amount < 9.95 and unit != "B" else f"{amount:.0f} {unit}"


def table(rows: list[tuple[str, ...]], indent: str = "") -> list[str]:
    """Return rows as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        indent
        + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
