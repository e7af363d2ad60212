"""The editor's question: may this project's configuration be built and run?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from buildd.config import trust
from buildd.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

TRUST = "Trust this configuration"
LATER = "Not now"


async def ask_for_trust(client: LspClient, project: LiveProject, *, again: bool = False) -> None:
    """Show what the project would run and ask for consent; once for each configuration, unless
    `again`."""
    configuration = project.configuration.valid()
    digest = await asyncio.to_thread(trust.digest, configuration)
    if digest in client.asked and not again:
        return
    client.asked.add(digest)
    lines = "\n".join(trust.summary(configuration))
    answer = await client.server.window_show_message_request_async(
        types.ShowMessageRequestParams(
            type=types.MessageType.Warning,
            message=f"buildd: may {project.path} do this on your machine?\n{lines}",
            actions=[types.MessageActionItem(TRUST), types.MessageActionItem(LATER)],
        )
    )
    if answer and answer.title == TRUST:
        # Refused if what was shown is not what is there now.
        await asyncio.to_thread(trust.grant, configuration, digest)
        await project.refresh()
