"""This module remembers the variables and triggers of base images, as the engines reported them."""

from __future__ import annotations

from collections.abc import Mapping

from buildd.model import EngineName, Frozen


class BaseImage(Frozen, frozen=True):
    """The parts of a base image that affect a build: its ENV, and the instructions of ONBUILD."""

    env: dict[str, str] = {}
    triggers: tuple[str, ...] = ()


_bases: dict[tuple[EngineName, str], BaseImage] = {}


def remember(engine: EngineName, name: str, base: BaseImage) -> bool:
    """Store what is known of an image; return whether it differs from before."""
    before = _bases.get((engine, name))
    _bases[engine, name] = base
    return before != base


def base_images(engine: EngineName) -> Mapping[str, BaseImage]:
    """Return the known images of an engine by name."""
    return {name: base for (owner, name), base in _bases.items() if owner is engine}
