"""Reads from a tool's output how far the tool is. Pure."""

from __future__ import annotations

import re

TAIL = 4096
"""Characters at the end of a piece of output that are searched."""

_OF = re.compile(
    # ninja, bazel: `[12/345] `; cargo: `Building [==>  ] 12/34: crate`; ctest: ` 3/20 Test  #3: `
    r"^\[(\d+) ?/ ?(\d+)\] |^ *Building \[[=> ]*\] (\d+)/(\d+)|^ *(\d+)/(\d+) Test +#\d+: "
)
_PERCENT = re.compile(
    # make from cmake: `[ 12%] Building`; pytest: `test_a.py ....   [ 45%]`
    r"^\[ *(\d{1,3})%\] |\s\[ *(\d{1,3})%\]$"
)


def percentage(text: str) -> int | None:
    """Return 0 to 100, from the last line of `text` that says it; None if none does."""
    for line in reversed(text[-TAIL:].splitlines()):
        if match := _OF.search(line):
            done, total = (int(number) for number in match.groups() if number)
            if 0 < total >= done:
                return 100 * done // total
        elif match := _PERCENT.search(line):
            percent = int(match[1] or match[2])
            if percent <= 100:
                return percent
    return None
