"""The errors with which a session refuses what goes beyond its limits."""

from __future__ import annotations

from buildd import errors
from buildd.errors import BusyError, ProtocolError


def nested_too_deep(limit: int) -> ProtocolError:
    """Return the error for a message with more levels than the limit."""
    return ProtocolError(
        f"the message is nested too deep; the limit is {limit} levels",
        code=errors.PARSE_ERROR,
    )


def too_many_requests(limit: int) -> BusyError:
    """Return the error for a request beyond the limit of requests under way."""
    return BusyError(
        f"{limit} requests of this session are under way, which is the limit",
        "Wait for some of them, or cancel them.",
    )
