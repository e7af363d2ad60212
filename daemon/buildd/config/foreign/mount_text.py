"""This module parses mounts in the notation of `docker run`: `--mount` and `--volume`.

Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

BIND = "bind"
VOLUME = "volume"
TMPFS = "tmpfs"


class MountText(NamedTuple):
    """A parsed mount.

    `kind` is `bind`, `volume`, `tmpfs`, or another type that buildd does not support. Missing parts
    are empty.
    """

    kind: str
    source: str
    target: str
    read_only: bool = False


def parse_mount(text: str) -> MountText:
    """Parse `type=bind,source=…,target=…,readonly`."""
    fields = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        fields[name.strip().lower()] = value.strip() if sign else "true"
    return parse_mount_fields(fields)


def parse_mount_fields(fields: Mapping[str, Any]) -> MountText:
    """Return the mount with these fields of `--mount`."""

    def first(*names: str) -> str:
        return next((str(fields[name]) for name in names if fields.get(name)), "")

    return MountText(
        kind=first("type") or VOLUME,
        source=first("source", "src"),
        target=first("target", "destination", "dst"),
        read_only=first("readonly", "ro").lower() in ("true", "1"),
    )


def parse_volume(text: str) -> MountText:
    """Parse `/source:/target:ro`, `name:/target` or `/target`."""
    source, sign, rest = text.partition(":")
    if not sign:
        return MountText(VOLUME, "", source)
    target, _, options = rest.partition(":")
    kind = BIND if source[:1] in ("/", ".", "~") else VOLUME
    return MountText(kind, source, target, "ro" in options.split(","))
