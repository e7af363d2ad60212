"""This module defines the types that several methods share, and the JSON-RPC envelope."""

from __future__ import annotations

from typing import Any

import msgspec

from buildd.model import Frozen


class ProjectParams(Frozen, frozen=True):
    """The parameters of methods about one project.

    `project` is any directory or file at or below the project's directory.
    """

    project: str


class Nothing(Frozen, frozen=True):
    """The method takes no parameters, or returns no result."""


class Method(msgspec.Struct, frozen=True):
    """The types of one request's parameters and result."""

    params: type[msgspec.Struct]
    result: type[msgspec.Struct]


class Envelope(msgspec.Struct):
    """An envelope is a JSON-RPC message whose `params` are not decoded yet."""

    jsonrpc: str = ""
    id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"null")
    result: Any = msgspec.UNSET
    error: Any = msgspec.UNSET
