"""Who has an environment: asked for consent, and told what happens to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildd.errors import BuilddError, DefinitionError

if TYPE_CHECKING:
    from buildd.environments.environment import LiveEnvironment


class EnvironmentOwner:
    """Consents to what an environment builds, and is told what happens to it.

    This class consents to everything and ignores the rest: an owner overrides what it needs.
    """

    async def consent(self) -> None:
        """Raise UntrustedError or ConfigError unless the configuration may be used."""

    def status_changed(self) -> None:
        """The status of an environment has changed."""

    def definition_used(self, name: str, error: DefinitionError | None) -> None:
        """The environment was made as it is defined, or its definition has an error."""

    def definition_changed(self, environment: LiveEnvironment) -> None:
        """What the environment's image is made from has changed."""

    def renewed(self, environment: LiveEnvironment, error: BuilddError | None) -> None:
        """A new image was built and its container serves, or this error prevented it."""
