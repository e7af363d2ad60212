"""What an editor is told, and asked, when an environment is not as it is defined any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from buildd.base.words import and_more
from buildd.environments.environment import LiveEnvironment
from buildd.lsp.consent import LATER
from buildd.lsp.progress import show_renewal
from buildd.projects.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)

REBUILD = "Rebuild"


def say_rebuilding(client: LspClient, live: LiveEnvironment) -> None:
    """Its image is being built."""
    text = f"{_what(live)}: its image is being made, and until then the container of before serves"
    client.show(text, types.MessageType.Info)
    client.spawn(show_renewal(client, live, f"buildd: the environment {live.specification.name}"))


def say_renewed(client: LspClient, live: LiveEnvironment) -> None:
    """Its new container serves."""
    name = live.specification.name
    client.show(f"the environment {name} is as it is defined now", types.MessageType.Info)


async def ask_to_rebuild(client: LspClient, project: LiveProject, live: LiveEnvironment) -> None:
    """Ask whether to build its image, once for each of its definitions."""
    definition = live.renewal.definition
    if definition in client.asked:
        return
    client.asked.add(definition)
    name = live.specification.name
    otherwise = f"{_what(live)}: `buildd up {name}` makes it anew"
    if not client.asks:
        client.show(otherwise, types.MessageType.Warning)
        return
    try:
        answer = await client.server.window_show_message_request_async(
            types.ShowMessageRequestParams(
                type=types.MessageType.Info,
                message=f"buildd: {_what(live)}. Rebuild it? The container of before serves until "
                "then.",
                actions=[types.MessageActionItem(LATER), types.MessageActionItem(REBUILD)],
            )
        )
    except JsonRpcException as error:
        log.info("session %d cannot ask: %s", client.session.number, error)
        client.asks = False
        client.show(otherwise, types.MessageType.Warning)
        return
    if answer and answer.title == REBUILD:
        await project.configuration.usable()
        live.renewal.start()
        say_rebuilding(client, live)


def _what(live: LiveEnvironment) -> str:
    changed = live.renewal.changed
    because = f" ({and_more(changed)})" if changed else ""
    return f"environment changed: {live.specification.name}{because}"
