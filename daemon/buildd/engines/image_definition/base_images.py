"""What the images that a Dockerfile builds on bring into it, as far as an engine has told."""

from __future__ import annotations

from collections.abc import Mapping

from buildd.model import EngineName, Frozen


class BaseImage(Frozen, frozen=True):
    """An image: what it sets by ENV, and the instructions of its ONBUILD."""

    env: dict[str, str] = {}
    triggers: tuple[str, ...] = ()


_known: dict[tuple[EngineName, str], BaseImage] = {}


def remember(engine: EngineName, name: str, base: BaseImage) -> bool:
    """The image of this name is so; whether that is new."""
    before = _known.get((engine, name))
    _known[engine, name] = base
    return before != base


def known(engine: EngineName) -> Mapping[str, BaseImage]:
    """What is known of an engine's images, by name."""
    return {name: base for (one, name), base in _known.items() if one is engine}
