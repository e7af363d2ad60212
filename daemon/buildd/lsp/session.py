"""What the LSP side needs of a client's connection."""

from __future__ import annotations

from typing import Protocol

from buildd.projects.registry import Projects


class ClientSession(Protocol):
    """The connection of one client, as `server.session.Session` is."""

    number: int
    """Names the session in the log."""

    @property
    def projects(self) -> Projects:
        """All projects of the daemon."""

    def write(self, data: bytes) -> None:
        """Send framed bytes, soon."""

    async def drain(self) -> None:
        """Return once the client has read enough for more. Raises ConnectionError if it left."""
