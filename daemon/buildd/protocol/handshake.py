"""This module defines how client and daemon introduce themselves, and how the daemon stops."""

from __future__ import annotations

from typing import Annotated

import msgspec

from buildd.model import Frozen

PROTOCOL_VERSION = 1
"""Version of the protocol. It is incremented when a change breaks older clients or daemons."""


class Hello(Frozen, frozen=True):
    """The client introduces itself; `build` is `paths.build_id()` of its package.

    `variables` are the environment variables of the client that are meant for the daemon's
    settings.
    """

    version: str
    build: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
    client: str = ""
    variables: dict[str, str] = {}


class HelloResult(Frozen, frozen=True):
    """The daemon introduces itself; `busy` is the number of runs and other sessions.

    `remarks` are lines about variables of the client whose values the daemon does not use.
    """

    version: str
    build: int
    protocol: int
    pid: int
    busy: int
    remarks: tuple[str, ...] = ()


class StopParams(Frozen, frozen=True):
    """Stop the daemon; it refuses while runs are under way, unless `force` is set."""

    force: bool = False
