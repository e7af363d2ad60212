"""Sends a client the diagnostics that have changed, so that it shows the newest in the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from buildd.lsp.convert import publishable
from buildd.projects.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)


class Publisher:
    """Publishes diagnostics to one client. If the client pulls, it is told when to ask."""

    def __init__(self, client: LspClient) -> None:
        self._client = client
        self._changed: dict[str, LiveProject] = {}
        self._task: asyncio.Task[None] | None = None

    def mark(self, project: LiveProject, files: Iterable[str]) -> None:
        """Send the diagnostics of these files soon, as they are then."""
        self._changed.update(dict.fromkeys(files, project))
        if self._changed and self._task is None:
            self._task = self._client.keep(asyncio.create_task(self._publish()))

    async def published(self) -> None:
        """Return once everything that was marked has been sent."""
        if self._task:
            await asyncio.wait([self._task])

    async def _publish(self) -> None:
        """Send what has changed, and then what has changed meanwhile."""
        client = self._client
        try:
            while self._changed:
                changed, self._changed = self._changed, {}
                if client.pulls:
                    client.server.workspace_diagnostic_refresh(None)
                    await client.session.drain()
                    continue
                found = {
                    file: project.results.findings.of_file(file)
                    for file, project in changed.items()
                }
                for params in await asyncio.to_thread(publishable, found, client.converter()):
                    client.server.text_document_publish_diagnostics(params)
                await client.session.drain()
        except ConnectionError:
            log.info("session %d: the client has left", client.session.number)
        finally:
            self._task = None
