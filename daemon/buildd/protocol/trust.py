"""Consent: what it would be to, given, taken back."""

from __future__ import annotations

from buildd.model import Frozen, Grant


class TrustSummary(Frozen, frozen=True):
    """What a project would do if trusted. `digest` names exactly this configuration; `lines` is
    the summary for a person; `files` are what the digest covers; `grants` are what consent must
    name besides; `changes` tell what is another than when the user last consented."""

    project: str
    digest: str
    trusted: bool
    lines: tuple[str, ...]
    files: tuple[str, ...]
    grants: tuple[Grant, ...] = ()
    changes: tuple[str, ...] = ()


class GrantParams(Frozen, frozen=True):
    """Consent to the configuration that `digest` names; refused if it has changed since, or if it
    asks for more than the `grants` named. `once`: for as long as this session lasts."""

    project: str
    digest: str
    grants: tuple[str, ...] = ()
    once: bool = False


class RevokeResult(Frozen, frozen=True):
    """Whether there was a consent to take back."""

    revoked: bool
