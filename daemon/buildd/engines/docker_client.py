"""The connection to the Docker engine: found as the docker command finds it, one per thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import docker
import docker.errors
import requests.exceptions

from buildd.errors import EngineError

P = ParamSpec("P")
T = TypeVar("T")

CALL_TIMEOUT = 60
"""Seconds that one call to the engine may take."""

STREAM_TIMEOUT = 3600
"""Seconds that a build or a pull may be silent: a compiler in a RUN can take that long."""


def client(timeout: int = CALL_TIMEOUT) -> docker.DockerClient:
    """This thread's client (the SDK's are not to be shared): `DOCKER_HOST`, else the current
    Docker context, else the usual socket."""
    clients: dict[int, docker.DockerClient] = _local.__dict__.setdefault("clients", {})
    if timeout not in clients:
        clients[timeout] = docker.from_env(timeout=timeout)
    return clients[timeout]


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in a thread, its failures as EngineError."""

    def call() -> T:
        with named_failures():
            return function(*args, **kwargs)

    return await asyncio.to_thread(call)


@contextmanager
def named_failures() -> Iterator[None]:
    """What the SDK raises, as an EngineError that says what to do."""
    try:
        yield
    except docker.errors.APIError as error:
        raise EngineError(f"the Docker engine refused: {error.explanation or error}") from error
    except requests.exceptions.Timeout as error:
        raise EngineError(
            "the Docker engine does not answer",
            "It may be overloaded or stopped: look at `docker info`, restart it, and try again.",
        ) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        # A connection that broke is of no use to the next call.
        _local.__dict__.pop("clients", None)
        if "PermissionError" in str(error) or "Permission denied" in str(error):
            raise EngineError(
                "this user may not use the Docker engine's socket",
                "Join the group `docker` (and log in again), or use rootless Docker.",
            ) from error
        raise EngineError(
            f"no Docker engine answers ({_cause(error)})",
            "Start Docker, or set DOCKER_HOST or a Docker context. To run on this machine "
            'itself, without a container, set `engine = "host"` for the environment.',
        ) from error


def _cause(error: BaseException) -> str:
    """The innermost reason, without the layers of the HTTP library around it."""
    deepest: BaseException = error
    while (inner := deepest.__cause__ or deepest.__context__) is not None:
        deepest = inner
    return getattr(deepest, "strerror", None) or str(deepest)


_local = threading.local()
