"""What several methods take or give, and how a message arrives."""

from __future__ import annotations

from typing import Any

import msgspec

from buildd.model import Frozen


class ProjectParams(Frozen, frozen=True):
    """`project` is any directory or file at or below the project's own."""

    project: str


class Nothing(Frozen, frozen=True):
    """No parameters, or no result."""


class Method(msgspec.Struct, frozen=True):
    """One request that a client may send."""

    params: type[msgspec.Struct]
    result: type[msgspec.Struct]


class Envelope(msgspec.Struct):
    """A JSON-RPC message as it arrives, its parts still undecoded where they vary."""

    jsonrpc: str = ""
    id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"null")
    result: Any = msgspec.UNSET
    error: Any = msgspec.UNSET
