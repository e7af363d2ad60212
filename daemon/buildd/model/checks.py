"""This module defines the checks of `buildd doctor`."""

from __future__ import annotations

from buildd.model.base import Frozen


class Check(Frozen, frozen=True):
    """A check is one result of `buildd doctor`.

    `state` is `ok`, `warning` or `error`; `remedy` is empty if there is nothing to do.
    """

    name: str
    state: str
    detail: str
    remedy: str = ""
