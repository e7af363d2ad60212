"""Where a test may have the daemon die, as `kill -9` would have it die there.

`BUILDD_FAIL_AT` names one of the points; without it, passing one costs a comparison.
"""

from __future__ import annotations

import os
import signal

LISTENING = "listening"
"""The socket is bound, and nobody is served yet."""

CONTAINER_MADE = "container-made"
"""A container is there that has not been started."""

CONTAINER_STARTED = "container-started"
"""It runs, and nobody knows it yet."""

SUPERVISOR_READY = "supervisor-ready"
"""The environment is warm, and no run has begun."""

RUN_STARTED = "run-started"
"""A command runs."""

RUN_ENDED = "run-ended"
"""It has ended, and nothing of that is stored."""

RESULT_WRITTEN = "result-written"
"""The result is in a file that does not have its name yet."""

RESULT_STORED = "result-stored"
"""It has, and nobody has been told."""

CONSENT_WRITTEN = "consent-written"
"""A new record of consents is in a file that does not have its name yet."""

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


def passing(point: str) -> None:
    """Die here if this is the point."""
    if point == _CHOSEN:
        os.kill(os.getpid(), signal.SIGKILL)
