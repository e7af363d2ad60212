"""Tells a client which diagnostics are other than it shows, so that the last word is last."""

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
    """Of one client. One that pulls is told only that there is something to ask for."""

    def __init__(self, client: LspClient) -> None:
        self._client = client
        self._dirty: dict[str, LiveProject] = {}
        self._task: asyncio.Task[None] | None = None

    def mark(self, project: LiveProject, files: Iterable[str]) -> None:
        """The diagnostics of these files are to be sent as they are then, soon."""
        self._dirty.update(dict.fromkeys(files, project))
        if self._dirty and self._task is None:
            self._task = self._client.keep(asyncio.create_task(self._publish()))

    async def published(self) -> None:
        """Return once the client was sent all that it is to see now."""
        if self._task:
            await asyncio.wait([self._task])

    async def _publish(self) -> None:
        """Send what has changed, and what changes meanwhile after it."""
        client = self._client
        try:
            while self._dirty:
                dirty, self._dirty = self._dirty, {}
                if client.pulls:
                    client.server.workspace_diagnostic_refresh(None)
                    await client.session.drain()
                    continue
                found = {
                    file: project.results.findings.of_file(file) for file, project in dirty.items()
                }
                for params in await asyncio.to_thread(publishable, found, client.converter()):
                    client.server.text_document_publish_diagnostics(params)
                await client.session.drain()
        except ConnectionError:
            log.info("session %d: the client has left", client.session.number)
        finally:
            self._task = None
