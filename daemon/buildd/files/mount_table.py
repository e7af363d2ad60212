"""The table of mounted file systems, as Linux shows it in /proc/PID/mountinfo (proc(5)). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_ESCAPE = re.compile(r"\\([0-7]{3})")
"""A blank, a tab, a line end or a backslash in a path."""


class MountedFileSystem(NamedTuple):
    """One row: the absolute path `target` shows a file system of this kind, as `ext4`."""

    target: str
    kind: str
    is_read_only: bool


def mounted(lines: Iterable[str]) -> Iterator[MountedFileSystem]:
    """Yield the rows of the table, in its order.

    A later row hides an earlier one at the same path. A line that is no row is skipped.
    """
    for line in lines:
        fields, _, rest = line.partition(" - ")
        _, _, _, _, target, options, *_ = (*fields.split(" "), *[""] * 6)
        if target:
            yield MountedFileSystem(
                target=_ESCAPE.sub(lambda code: chr(int(code[1], 8)), target),
                kind=rest.partition(" ")[0],
                is_read_only="ro" in options.split(","),
            )
