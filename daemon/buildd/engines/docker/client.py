"""This module holds the connections to engines with Docker's API, one client per thread.

The engine is Docker, unless the caller is inside `use_service`.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

import docker
import docker.errors
import msgspec
import requests.exceptions
from docker.transport.unixconn import UnixHTTPConnection

from buildd.errors import EngineError, NoEngineError

P = ParamSpec("P")
T = TypeVar("T")

CALL_TIMEOUT = 60
"""Seconds after which a call to the engine fails."""

STREAM_TIMEOUT = 3600
"""Seconds that a build or a pull may print nothing: a compiler in a RUN can take that long."""


class Service(msgspec.Struct, frozen=True):
    """An engine's service, with the remedies for its usual failures."""

    name: str
    command: str
    """The engine's command for the terminal."""
    forbidden: str
    """What to do if the user may not use the socket."""
    absent: str
    """What to do if there is no socket."""


DOCKER = Service(
    "Docker",
    "docker",
    "Join the group `docker` (and log in again), or use rootless Docker.",
    "Start Docker, or set DOCKER_HOST or a Docker context.",
)
PODMAN = Service(
    "Podman",
    "podman",
    "Use your own service: `systemctl --user start podman.socket`.",
    "Start its service with `systemctl --user start podman.socket` or `podman system service "
    "--time=0`, or set CONTAINER_HOST.",
)

_service: ContextVar[Service] = ContextVar("service", default=DOCKER)


def service() -> Service:
    """Return the service that the current context uses."""
    return _service.get()


@contextmanager
def use_service(chosen: Service) -> Iterator[None]:
    """Use this service in the context, also in the threads of `in_thread`."""
    token = _service.set(chosen)
    try:
        yield
    finally:
        _service.reset(token)


def client(timeout: int = CALL_TIMEOUT) -> docker.DockerClient:
    """Return this thread's client, because clients of the SDK are not thread-safe.

    Docker's address is `DOCKER_HOST`, else that of the current Docker context, else the default
    socket. Podman's address is `CONTAINER_HOST`, else the user's own service.
    """
    clients: dict[tuple[str, int], docker.DockerClient]
    clients = _local.__dict__.setdefault("clients", {})
    key = service().name, timeout
    if key not in clients:
        if service() is PODMAN:
            clients[key] = docker.DockerClient(base_url=_podman_address(), timeout=timeout)
        else:
            clients[key] = docker.from_env(timeout=timeout)
    return clients[key]


def _podman_address() -> str:
    if chosen := os.environ.get("CONTAINER_HOST"):
        return chosen
    user = os.getuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{user}"
    return f"unix://{runtime if user else '/run'}/podman/podman.sock"


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in a thread. Raises EngineError if the engine fails."""

    def call() -> T:
        with engine_errors():
            return function(*args, **kwargs)

    return await asyncio.to_thread(call)


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn exceptions of the SDK into EngineError, with a remedy."""
    used = service()
    try:
        yield
    except docker.errors.APIError as error:
        reason = str(error.explanation or error)
        raise EngineError(f"{used.name} refused: {reason}", _remedy(reason)) from error
    except requests.exceptions.Timeout as error:
        raise EngineError(
            f"{used.name} does not answer",
            f"It may be overloaded or stopped: check with `{used.command} info`, restart it, "
            "and try again.",
        ) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        # The next call needs a new connection.
        for broken in _local.__dict__.pop("clients", {}).values():
            broken.close()
        if "PermissionError" in str(error) or "Permission denied" in str(error):
            raise EngineError(
                f"this user may not use the socket of {used.name}",
                used.forbidden,
            ) from error
        raise NoEngineError(
            f"no {used.name} engine answers ({_cause(error)})",
            f"{used.absent} To run on the host, without a container, set "
            '`engine = "host"` for the environment.',
        ) from error


def _cause(error: BaseException) -> str:
    """Return the innermost reason, without the layers that the HTTP library adds."""
    deepest: BaseException = error
    while (inner := deepest.__cause__ or deepest.__context__) is not None:
        deepest = inner
    return getattr(deepest, "strerror", None) or str(deepest)


_local = threading.local()


def _connect(self: UnixHTTPConnection) -> None:
    """Connect to the engine's socket, and close it if that fails.

    The SDK leaves a socket that cannot be connected to the garbage collector: each call while no
    engine listens would add one.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(self.timeout)
        made.connect(self.unix_socket)
    except BaseException:
        made.close()
        raise
    self.sock = made


UnixHTTPConnection.connect = _connect  # type: ignore[method-assign]


def _remedy(reason: str) -> str:
    """Return what to do about a refusal, or empty if its text is not known."""
    if "no space left on device" in reason:
        return (
            f"Free space on the engine's disk: `{service().command} system df` and `buildd status "
            "--caches` show what uses it, and `buildd clean` removes what buildd made."
        )
    if volume := re.search(r"/volumes/([^/\s]+)/_data: no such file", reason):
        return (
            f"The volume's directory was removed: `{service().command} volume rm -f {volume[1]}` "
            "removes the rest of it, and the next use creates it again."
        )
    return ""
