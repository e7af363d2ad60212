"""This module defines the methods about environments and their terminals."""

from __future__ import annotations

from typing import Annotated

import msgspec

from buildd.model import Frozen

TerminalSize = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
"""As in `struct winsize`."""


class EnvironmentParams(Frozen, frozen=True):
    """The parameters of methods about one environment.

    `environment` empty means the project's default environment; for `buildd/down` it means all.
    """

    project: str
    environment: str = ""


class UpParams(Frozen, frozen=True):
    """Make an environment warm; `rebuild` builds its image again and makes a new container."""

    project: str
    environment: str = ""
    rebuild: bool = False


class EnvironmentStatus(Frozen, frozen=True):
    """The status of an environment.

    `state` is `absent`, `preparing`, `warm`, `stopped` or `failed`, and `detail` says what is
    being done or what failed. `container` is the engine's id, empty on the host engine. `slow`
    says why every run needs an exec of the engine, or is empty. `remarks` name what a user may not
    expect. `changed` names the sources of the image that have changed since it was built.
    """

    name: str
    engine: str
    state: str
    detail: str = ""
    image: str = ""
    container: str = ""
    slow: str = ""
    remarks: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class DownResult(Frozen, frozen=True):
    """The names of the environments whose containers were stopped."""

    stopped: tuple[str, ...]


class TerminalResult(Frozen, frozen=True):
    """How a client opens a terminal in an environment.

    `multiplexer` is the path of a pseudo-terminal multiplexer (ptmx(4)), empty if there is none.
    If `relayed`, it is the host's own, and the daemon copies the bytes to a terminal of the
    engine. `history` is a directory in the container that outlives it; empty if all of them do.
    """

    multiplexer: str
    relayed: bool = False
    history: str = ""


class ResizeParams(Frozen, frozen=True):
    """Give the relayed terminal of the run `run` a new size, in characters."""

    project: str
    run: str
    rows: TerminalSize
    columns: TerminalSize
