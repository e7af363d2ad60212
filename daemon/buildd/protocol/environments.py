"""Environments: how they are, and their terminals."""

from __future__ import annotations

from typing import Annotated

import msgspec

from buildd.model import Frozen

TerminalSize = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
"""As in `struct winsize`."""


class EnvironmentParams(Frozen, frozen=True):
    """`environment` empty means the project's default one, or every one for `buildd/down`."""

    project: str
    environment: str = ""


class UpParams(Frozen, frozen=True):
    """As EnvironmentParams; `rebuild` builds the image again and makes a new container."""

    project: str
    environment: str = ""
    rebuild: bool = False


class EnvironmentStatus(Frozen, frozen=True):
    """`state` is `absent`, `preparing`, `warm`, `stopped` or `failed`; `detail` says what is being
    done or went wrong; `container` is the engine's id, empty on the host engine; `slow` says why
    each run goes through the engine, empty where none does; `remarks` say what is not as one may
    expect; `changed` names what its image is made from that is another since: it is warm, but not
    as it is defined now."""

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
    """`multiplexer` is the path by which the client opens a terminal of the environment (as of
    ptmx(4)), empty if there is none. `relayed`: it is one of this machine, between which and one
    of the engine's the daemon moves the bytes. `history` is a directory inside that outlives the
    container, empty where everything does."""

    multiplexer: str
    relayed: bool = False
    history: str = ""


class ResizeParams(Frozen, frozen=True):
    """The relayed terminal of the run `run` has another size, in characters."""

    project: str
    run: str
    rows: TerminalSize
    columns: TerminalSize
