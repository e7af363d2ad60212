"""Who calls and who answers, and the end of it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from buildd.model import Frozen

PROTOCOL_VERSION = 1
"""Raised when an older client or daemon could no longer understand the other."""


class Hello(Frozen, frozen=True):
    """Who is calling. `build` is `paths.build_id()` of the client's package; `variables` are those
    of its environment that are meant for the daemon's settings, by name."""

    version: str
    build: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
    client: str = ""
    variables: dict[str, str] = {}


class HelloResult(Frozen, frozen=True):
    """Who answers. `busy` counts runs under way and other sessions; `remarks` are lines on those
    of the client's variables that are not what the daemon uses."""

    version: str
    build: int
    protocol: int
    pid: int
    busy: int
    remarks: tuple[str, ...] = ()


class StopParams(Frozen, frozen=True):
    """End the daemon. Refused while runs are under way, unless `force`."""

    force: bool = False
