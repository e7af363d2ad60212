"""This module turns limits of an environment into options of a container."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker.errors
from docker.models.containers import Container
from docker.types import DeviceRequest

from buildd.engines.docker.client import client, service
from buildd.errors import EngineError
from buildd.model import Environment, Limits

CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "SYS_PTRACE",
)
"""The capabilities of root in a container; other users have none.

Package managers change owners and users and enter other roots, tests listen on low ports, and
debuggers attach to processes. Of Docker's defaults, MKNOD (creates devices in the project's
directory), NET_RAW (forges packets) and AUDIT_WRITE are left out."""


_SUPPORT = {"memory": "memorylimit", "cpus": "cpucfsquota", "processes": "pidslimit"}
"""The field of `docker info` that says whether the engine can enforce the limit of each key."""

_NO_GPUS = re.compile(r"device driver|\bgpus?\b|nvidia|\bCDI\b", re.IGNORECASE)


def options(environment: Environment) -> dict[str, Any]:
    """Return the SDK's options for a container. It blocks if `cpus` is set: call it in a thread."""
    limits = environment.limits
    chosen: dict[str, Any] = {
        "cap_drop": ["ALL"],
        "cap_add": sorted({*CAPABILITIES, *limits.cap_add}),
        "security_opt": [] if environment.sudo else ["no-new-privileges"],
        "init": environment.init,
        "tmpfs": {path: _tmpfs(size) for path, size in limits.tmpfs.items()},
        "pids_limit": limits.processes or -1,
    }
    if limits.memory:
        # No swap: the limit is all that the container has.
        chosen |= {"mem_limit": limits.memory, "memswap_limit": limits.memory}
    if limits.cpus:
        # The engine refuses more processors than it has, but a configuration is for all machines.
        present = client().info().get("NCPU") or limits.cpus
        chosen["nano_cpus"] = round(min(limits.cpus, present) * 1_000_000_000)
    if limits.shm_size:
        chosen["shm_size"] = limits.shm_size
    if limits.gpus:
        chosen["device_requests"] = [DeviceRequest(count=limits.gpus, capabilities=[["gpu"]])]
    if not limits.network:
        chosen["network_mode"] = "none"
    return chosen


def remarks(environment: Environment) -> tuple[str, ...]:
    """Return a sentence about limits that the engine cannot enforce, as rootless ones often cannot.

    It blocks if there are such limits: call it in a thread.
    """
    limits = environment.limits
    wanted = {"memory": bool(limits.memory), "cpus": bool(limits.cpus)}
    wanted["processes"] = limits.processes != Limits().processes
    if not any(wanted.values()):
        return ()
    info = {key.lower(): value for key, value in client().info().items()}
    # Podman reports what the machine supports, not what its user may do.
    none = info.get("rootless") and info.get("cgroupversion") == "1"
    missing = [
        f"`{key}`"
        for key, field in _SUPPORT.items()
        if wanted[key] and (none or info.get(field) is False)
    ]
    if not missing:
        return ()
    remark = (
        f"{' and '.join(missing)} of the environment {environment.name} has no effect: this "
        f"{service().name} cannot enforce it (a rootless engine needs delegated cgroups)"
    )
    return (remark,)


@contextmanager
def gpu_errors(environment: Environment) -> Iterator[None]:
    """Turn the engine's error that it has no GPUs into an EngineError with a remedy."""
    try:
        yield
    except docker.errors.APIError as error:
        text = str(error.explanation or error).strip()
        if not (environment.limits.gpus and _NO_GPUS.search(text)):
            raise
        raise EngineError(
            f"`gpus` of the environment {environment.name}: {service().name} has no GPUs ({text})",
            "Install the GPU's driver and NVIDIA's container toolkit, run `nvidia-ctk runtime "
            "configure` and restart the engine; or remove `gpus`.",
        ) from error


def require_gpus(container: Container, environment: Environment) -> None:
    """Raise EngineError if the engine ignored the request for GPUs, as Podman's service does."""
    if environment.limits.gpus and not container.attrs["HostConfig"].get("DeviceRequests"):
        raise EngineError(
            f"`gpus` of the environment {environment.name}: {service().name}'s service ignores it",
            "Use Docker for this environment, or remove `gpus`.",
        )


def _tmpfs(size: int) -> str:
    # The engine's default is `noexec`, but builds run programs that they make there.
    return "rw,exec,nosuid,nodev,mode=1777" + (f",size={size}" if size else "")
