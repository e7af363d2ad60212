"""The connection to an engine that speaks Docker's API, one per thread.

Which engine is meant goes with the context: Docker, unless the caller is inside `speaking_to`.
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
"""Seconds that one call to the engine may take."""

STREAM_TIMEOUT = 3600
"""Seconds that a build or a pull may be silent: a compiler in a RUN can take that long."""


class Service(msgspec.Struct, frozen=True):
    """An engine's service, and the command that speaks to it. `forbidden` and `absent` say what to
    do about a socket that may not be used, or is not there."""

    name: str
    command: str
    forbidden: str
    absent: str


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
    "Start its service, as by `systemctl --user start podman.socket` or `podman system service "
    "--time=0`, or set CONTAINER_HOST.",
)

_service: ContextVar[Service] = ContextVar("service", default=DOCKER)


def service() -> Service:
    """The engine that is meant here."""
    return _service.get()


@contextmanager
def speaking_to(chosen: Service) -> Iterator[None]:
    """Mean this engine, also in the threads that `in_thread` takes."""
    token = _service.set(chosen)
    try:
        yield
    finally:
        _service.reset(token)


def client(timeout: int = CALL_TIMEOUT) -> docker.DockerClient:
    """This thread's client (the SDK's are not to be shared). Docker: `DOCKER_HOST`, else the
    current Docker context, else the usual socket. Podman: `CONTAINER_HOST`, else the user's own
    service."""
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
    """Call `function` in a thread, its failures as EngineError."""

    def call() -> T:
        with named_failures():
            return function(*args, **kwargs)

    return await asyncio.to_thread(call)


@contextmanager
def named_failures() -> Iterator[None]:
    """What the SDK raises, as an EngineError that says what to do."""
    meant = service()
    try:
        yield
    except docker.errors.APIError as error:
        reason = str(error.explanation or error)
        raise EngineError(f"{meant.name} refused: {reason}", _remedy(reason)) from error
    except requests.exceptions.Timeout as error:
        raise EngineError(
            f"{meant.name} does not answer",
            f"It may be overloaded or stopped: look at `{meant.command} info`, restart it, "
            "and try again.",
        ) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        # A connection that broke is of no use to the next call.
        for broken in _local.__dict__.pop("clients", {}).values():
            broken.close()
        if "PermissionError" in str(error) or "Permission denied" in str(error):
            raise EngineError(
                f"this user may not use the socket of {meant.name}",
                meant.forbidden,
            ) from error
        raise NoEngineError(
            f"no {meant.name} engine answers ({_cause(error)})",
            f"{meant.absent} To run on this machine "
            'itself, without a container, set `engine = "host"` for the environment.',
        ) from error


def _cause(error: BaseException) -> str:
    """The innermost reason, without the layers of the HTTP library around it."""
    deepest: BaseException = error
    while (inner := deepest.__cause__ or deepest.__context__) is not None:
        deepest = inner
    return getattr(deepest, "strerror", None) or str(deepest)


_local = threading.local()


def _connect(self: UnixHTTPConnection) -> None:
    """Connect to the engine's socket. As the SDK does it, which leaves a socket that cannot be
    connected to the garbage collector: each call while no engine listens would add one."""
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
    """What to do about a refusal, where that can be told from its words."""
    if "no space left on device" in reason:
        return (
            f"Make room on the engine's disk: `{service().command} system df` and `buildd status "
            "--caches` show what takes it, `buildd clean` removes what projects left."
        )
    if lost := re.search(r"/volumes/([^/\s]+)/_data: no such file", reason):
        return (
            f"Somebody has removed the volume's directory: `{service().command} volume rm -f "
            f"{lost[1]}` removes the rest of it, and the next use makes it anew."
        )
    return ""
