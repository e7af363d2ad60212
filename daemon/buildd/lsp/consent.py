"""Asks in the editor whether a project's configuration may be built and run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from buildd.config.trust import consent
from buildd.model import Project
from buildd.projects.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)

TRUST = "Trust this configuration"
LATER = "Not now"


async def ask_for_trust(client: LspClient, project: LiveProject, *, again: bool = False) -> None:
    """Show what the project would run, and ask for consent.

    It asks once for each configuration, unless `again`. If the client cannot ask, it shows how to
    consent in another way.
    """
    configuration = project.configuration.valid()
    digest = await asyncio.to_thread(consent.digest, configuration)
    if digest in client.asked and not again:
        return
    client.asked.add(digest)
    if not client.asks:
        say_untrusted(client, project)
    lines = "\n".join(await asyncio.to_thread(_question, configuration))
    names = [grant.name for grant in consent.grants(configuration)]
    agreed = title(names)
    try:
        answer = await client.server.window_show_message_request_async(
            types.ShowMessageRequestParams(
                type=types.MessageType.Warning,
                message=f"buildd: may {project.path} do this on your machine?\n{lines}",
                # The harmless answer first: editors choose it for the Enter key, and the question
                # may appear while the user types.
                actions=[types.MessageActionItem(LATER), types.MessageActionItem(agreed)],
            )
        )
    except JsonRpcException as error:
        log.info("session %d cannot ask: %s", client.session.number, error)
        if client.asks:
            client.asks = False
            say_untrusted(client, project)
        return
    if answer and answer.title == agreed:
        # Refused if the configuration has changed since it was shown.
        await asyncio.to_thread(consent.grant, configuration, digest, names)
        await project.configuration.refresh()


def _question(project: Project) -> list[str]:
    """What the user reads: what it would do, what it asks for by name, and what is new in it."""
    lines = [*consent.summary(project)]
    lines += [f"It asks for {grant.name}: {grant.detail}" for grant in consent.grants(project)]
    if changes := consent.changes(project):
        lines += ["Changed since you consented:", *changes]
    return lines


def title(grants: Sequence[str]) -> str:
    """Return the title of the answer that consents, with what it grants by name."""
    return f"{TRUST}, with {' and '.join(grants)}" if grants else TRUST


def say_untrusted(client: LspClient, project: LiveProject) -> None:
    """Show in one short line that nothing is built, and how to consent.

    It is an error message, because some editors show nothing less severe.
    """
    text = f"run `buildd trust`: nothing is built in {project.path} yet"
    client.show(text, types.MessageType.Error)
