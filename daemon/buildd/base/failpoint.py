"""Failpoints let a test kill the daemon at a chosen line, as `kill -9` would.

The environment variable `BUILDD_FAIL_AT` names one of the points. Without it, reaching a failpoint
costs one comparison.
"""

from __future__ import annotations

import os
import signal

LISTENING = "listening"
"""The socket is bound, but no client is served yet."""

CONTAINER_MADE = "container-made"
"""A container was created, but not started."""

CONTAINER_STARTED = "container-started"
"""The container runs, but the daemon has not recorded it yet."""

SUPERVISOR_READY = "supervisor-ready"
"""The environment is warm, but no run has started."""

RUN_STARTED = "run-started"
"""A run's command has started."""

RUN_ENDED = "run-ended"
"""A run's command has ended, but its result is not stored."""

RESULT_WRITTEN = "result-written"
"""A result was written to a temporary file, which has not been renamed yet."""

RESULT_STORED = "result-stored"
"""A result is stored, but no client has received it."""

CONSENT_WRITTEN = "consent-written"
"""A consent was written to a temporary file, which has not been renamed yet."""

POINTS = (
    LISTENING,
    CONTAINER_MADE,
    CONTAINER_STARTED,
    SUPERVISOR_READY,
    RUN_STARTED,
    RUN_ENDED,
    RESULT_WRITTEN,
    RESULT_STORED,
    CONSENT_WRITTEN,
)

_CHOSEN = os.environ.get("BUILDD_FAIL_AT")


def hit_failpoint(point: str) -> None:
    """Kill this process with SIGKILL if `point` is the chosen failpoint."""
    if point == _CHOSEN:
        os.kill(os.getpid(), signal.SIGKILL)
