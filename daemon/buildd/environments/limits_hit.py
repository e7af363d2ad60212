"""Tells which limits of its environment a failed command met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from buildd.config.key_positions import span_of
from buildd.engines.cgroup import LimitCounts
from buildd.model import Diagnostic, Environment, Severity

TAIL = 1 << 16
"""Bytes of a run's output that are searched, from its end."""

LimitHit = tuple[str, str]
"""The key of an environment that sets the limit, and what to say about it."""

_NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Could not resolve|Name or service not known"
    r"|Network is unreachable|EAI_AGAIN|no such host|dial tcp|failed to lookup address",
    re.IGNORECASE,
)
_READ_ONLY = re.compile(r"Read-only file system|EROFS|os error 30\b", re.IGNORECASE)
_NO_PRIVILEGE = re.compile(
    r"no new privileges|effective uid is not 0|must be owned by uid 0 and have the setuid bit",
    re.IGNORECASE,
)


def limits_hit(
    environment: Environment, before: LimitCounts, after: LimitCounts, output: str
) -> Iterator[LimitHit]:
    """Yield the limits that a failed command met.

    `before` and `after` are the counters of its container, `output` is the end of its output.
    """
    limits = environment.limits
    table = f"[environments.{environment.name}]"
    more = f"Give {table} more, or run fewer jobs at once"
    if after.memory > before.memory:
        bound = f"`memory = {limits.memory >> 20}m`" if limits.memory else "the machine's memory"
        yield "memory", f"{bound} was not enough: a process was killed for lack of it. {more}"
    if after.processes > before.processes:
        yield "processes", f"it met the limit of {limits.processes} processes. {more}"
    if not limits.network and _NO_NETWORK.search(output):
        yield "network", f"it has no network: {table} says `network = false`"
    if any(mount.read_only for mount in environment.mounts) and _READ_ONLY.search(output):
        names = ", ".join(mount.target for mount in environment.mounts if mount.read_only)
        yield "mounts", f"{names} can only be read: {table} says `read-only = true`"
    if not environment.sudo and _NO_PRIVILEGE.search(output):
        yield "sudo", f"nothing in it may gain privileges: {table} may say `sudo = true`"


def at_keys(limits: Iterable[LimitHit], file: str, environment: str, task: str) -> list[Diagnostic]:
    """Return the limits as diagnostics of the configuration `file`, each at its key.

    Reads the file: call it in a thread.
    """
    return [
        Diagnostic(
            span=span_of(file, ("environments", environment, key)),
            severity=Severity.WARNING,
            message=f"the task {task} failed, and {remark}",
            source="buildd",
        )
        for key, remark in limits
    ]
