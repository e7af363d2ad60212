"""Renews an environment: builds what is defined now, and replaces the container when it is idle."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from buildd.base.shared_task import SharedTask
from buildd.environments.background import log_failure
from buildd.environments.owner import EnvironmentOwner
from buildd.environments.preparation import directory_identity, image
from buildd.errors import BuilddError, UntrustedError

if TYPE_CHECKING:
    from buildd.environments.environment import LiveEnvironment

ATTEMPTS = 3
"""How often at most an image is built whose definition changes during the build."""


class Renewal:
    """The renewal of one environment. The old container serves until the new one replaces it."""

    def __init__(self, environment: LiveEnvironment, owner: EnvironmentOwner) -> None:
        self._environment = environment
        self._owner = owner
        self._shared: SharedTask[None] = SharedTask(owner.status_changed)
        self._background: asyncio.Task[None] | None = None
        """Wants the renewal that `start` began, because nobody waits for it."""

    @property
    def is_under_way(self) -> bool:
        """Whether an image is being built, or waits until the old container is idle."""
        return self._shared.under_way

    def start(self) -> None:
        """Renew the environment, unless that is under way."""
        if not self._background:
            self._background = asyncio.create_task(
                self._shared.join(partial(self._renew, rebuild=False))
            )
            self._background.add_done_callback(self._on_background_done)

    async def wait_for_current(self, *, rebuild: bool) -> None:
        """Return once the container is of what is defined now; with `rebuild`, of a new image.

        Raises UntrustedError, ConfigError or EngineError.
        """
        definition = self._environment.definition
        await definition.look_if_touched()
        if rebuild:
            await self._shared.settled()
        if rebuild or definition.changed:
            await self._shared.join(partial(self._renew, rebuild=rebuild))

    def cancel(self) -> bool:
        """End a renewal that is under way; return whether one was."""
        return self._shared.cancel()

    async def settled(self) -> None:
        """Return once no renewal is under way."""
        await self._shared.settled()

    def _on_background_done(self, task: asyncio.Task[None]) -> None:
        self._background = None
        log_failure(task)

    async def _renew(self, *, rebuild: bool) -> None:
        environment = self._environment
        environment.container.renewal_error = None
        try:
            await self._build_image(rebuild=rebuild)
            await self._owner.consent()
            await self._replace_container(fresh=rebuild)
        except UntrustedError:
            raise  # the user is being asked
        except BuilddError as error:
            environment.container.renewal_error = error
            self._owner.renewed(environment, error)
            raise
        else:
            self._owner.renewed(environment, None)

    async def _build_image(self, *, rebuild: bool) -> None:
        container, definition = self._environment.container, self._environment.definition
        for attempt in range(ATTEMPTS):
            await self._owner.consent()
            built = await image(
                container.project,
                container.specification,
                self._environment.usage.reporter(),
                rebuild=rebuild and not attempt,
            )
            await definition.look_if_touched()
            if built == definition.digest:
                return

    async def _replace_container(self, *, fresh: bool) -> None:
        usage, container = self._environment.usage, self._environment.container
        if usage.has_runs:
            usage.report("the new container waits until nothing runs in the old one", None)
        while usage.has_runs:
            await usage.idle()
        identity = directory_identity(container.project.path)
        await container.prepare(identity, rebuild=False, fresh=fresh)
