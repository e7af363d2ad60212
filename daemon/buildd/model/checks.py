"""What `buildd doctor` looks at."""

from __future__ import annotations

from buildd.model.base import Frozen


class Check(Frozen, frozen=True):
    """One finding of `buildd doctor`. `state` is `ok`, `warning` or `error`."""

    name: str
    state: str
    detail: str
    remedy: str = ""
