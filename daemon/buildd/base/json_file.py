"""Files of the daemon's own that hold JSON."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_json(path: str, kind: type[T]) -> T:
    """Return what the file holds, as a value of this type.

    Blocks. Raises OSError if it cannot be read, and ValueError whatever is wrong with its content:
    a crash, a full disk or a person may have left anything there.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        return msgspec.json.decode(content, type=kind)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
