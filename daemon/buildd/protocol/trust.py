"""This module defines the methods that show a configuration, trust it, and revoke the trust."""

from __future__ import annotations

from buildd.model import Frozen, Grant


class TrustSummary(Frozen, frozen=True):
    """What a project would do if the user trusted it.

    `digest` identifies exactly this configuration, and `files` are the files it covers. `lines`
    are the summary that the user reads. `grants` are the powers that consent must also name.
    `changes` say what differs from the configuration that the user trusted last.
    """

    project: str
    digest: str
    trusted: bool
    lines: tuple[str, ...]
    files: tuple[str, ...]
    grants: tuple[Grant, ...] = ()
    changes: tuple[str, ...] = ()


class GrantParams(Frozen, frozen=True):
    """Trust the configuration with this digest.

    The daemon refuses if the configuration has changed, or if it asks for a grant that is not
    among `grants`. With `once`, the trust ends with this session.
    """

    project: str
    digest: str
    grants: tuple[str, ...] = ()
    once: bool = False


class RevokeResult(Frozen, frozen=True):
    """Whether there was a trust to revoke."""

    revoked: bool
