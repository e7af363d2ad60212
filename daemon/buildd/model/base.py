"""What all of the model is made of."""

from __future__ import annotations

import msgspec

Command = str | tuple[str, ...]
"""A string goes to a shell, a list of arguments does not."""


class Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The base of what never changes once made, and may cross the wire in camelCase."""
