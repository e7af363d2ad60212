"""This module defines the base of all types of the model."""

from __future__ import annotations

import msgspec

Command = str | tuple[str, ...]
"""A command is a string for `/bin/sh -c`, or a tuple of arguments that no shell sees."""


class Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The base of all immutable types; their fields have camelCase names on the wire."""
