"""Which paths lead to the socket of a container engine: whoever reaches one controls this machine.

Only known places are looked at, so that a large directory costs no more than a small one.
"""

from __future__ import annotations

import glob
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import suppress

_NAMES = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock")

_OF_THE_SYSTEM = (
    "/run/docker.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
    "/run/k3s/containerd/containerd.sock",
)
"""These count even if no engine runs: it may be started later."""

_OF_A_USER = (
    "docker.sock",
    "podman/podman.sock",
    "containerd/containerd.sock",
    "buildkit/buildkitd.sock",
)
"""Below `$XDG_RUNTIME_DIR`, or `/run/user/UID`."""

_AT_HOME = (
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".docker/desktop/docker-cli.sock",
    ".colima/default/docker.sock",
    ".colima/docker.sock",
    ".rd/docker.sock",
    ".lima/docker/sock/docker.sock",
    ".local/share/containers/podman/machine/podman.sock",
)

_ADDRESSES = ("DOCKER_HOST", "CONTAINER_HOST", "BUILDKIT_HOST", "CONTAINERD_ADDRESS")

CONTEXTS = 100
"""Docker contexts that are looked at."""

CONTEXT_SIZE = 64 << 10
"""Bytes of a context that are read."""


def is_engine_socket(path: str) -> bool:
    """Return whether whoever reaches this canonical path controls an engine: it is a socket of one,
    or a directory that holds one, however deep."""
    if os.path.basename(path) in _NAMES:
        return True
    if any(os.path.exists(os.path.join(path, name)) for name in _NAMES):
        return True
    return holds_engine_socket(path)


def holds_engine_socket(path: str) -> bool:
    """Return whether a known socket of an engine lies at or below this canonical path."""
    if any(_holds(path, known) for known in _OF_THE_SYSTEM):
        return True
    return any(_holds(path, os.path.realpath(known)) for known in _known() if os.path.exists(known))


def _known() -> Iterator[str]:
    yield from _OF_THE_SYSTEM
    yield from (f"/var{known}" for known in _OF_THE_SYSTEM)
    runtimes = {os.environ.get("XDG_RUNTIME_DIR", ""), *glob.glob("/run/user/*")}
    for runtime in filter(os.path.isabs, runtimes):
        yield from (os.path.join(runtime, name) for name in _OF_A_USER)
    home = os.path.expanduser("~")
    yield from (os.path.join(home, name) for name in _AT_HOME)
    addresses = (os.environ.get(name, "") for name in _ADDRESSES)
    yield from filter(None, map(_path, itertools.chain(addresses, _contexts(home))))


def _contexts(home: str) -> Iterator[str]:
    """The addresses of the user's Docker contexts."""
    folder = os.environ.get("DOCKER_CONFIG") or os.path.join(home, ".docker")
    files = glob.iglob(os.path.join(glob.escape(folder), "contexts", "meta", "*", "meta.json"))
    for file in itertools.islice(files, CONTEXTS):
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
                found = json.loads(opened.read(CONTEXT_SIZE))
            yield str(found["Endpoints"]["docker"]["Host"])


def _path(address: str) -> str:
    """Return the path of a `unix:` address or of a bare path; empty for another one."""
    scheme, mark, rest = address.partition("://")
    path = rest if mark and scheme == "unix" else "" if mark else address
    return path if os.path.isabs(path) else ""


def _holds(directory: str, path: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
