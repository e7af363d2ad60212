"""Mounts as the docker command takes them: the values of `--mount` and `--volume`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

BIND = "bind"
VOLUME = "volume"
TMPFS = "tmpfs"


class MountText(NamedTuple):
    """`kind` is `bind`, `volume`, `tmpfs` or something that we do not know; empty parts were not
    given."""

    kind: str
    source: str
    target: str
    read_only: bool = False


def of_mount(text: str) -> MountText:
    """`type=bind,source=…,target=…,readonly`."""
    fields = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        fields[name.strip().lower()] = value.strip() if sign else "true"
    return of_fields(fields)


def of_fields(fields: Mapping[str, Any]) -> MountText:
    """The same as a table."""

    def first(*names: str) -> str:
        return next((str(fields[name]) for name in names if fields.get(name)), "")

    return MountText(
        kind=first("type") or VOLUME,
        source=first("source", "src"),
        target=first("target", "destination", "dst"),
        read_only=first("readonly", "ro").lower() in ("true", "1"),
    )


def of_volume(text: str) -> MountText:
    """`/here:/there:ro`, `name:/there`, `/there`."""
    source, sign, rest = text.partition(":")
    if not sign:
        return MountText(VOLUME, "", source)
    target, _, options = rest.partition(":")
    kind = BIND if source[:1] in ("/", ".", "~") else VOLUME
    return MountText(kind, source, target, "ro" in options.split(","))
