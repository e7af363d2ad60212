"""What a container of the Docker engine may use, and what it may do."""

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
"""What root has inside: package managers change owners and users and enter other roots, tests
listen on low ports, debuggers attach. Of what Docker gives by itself there is not MKNOD, which
makes devices in the project's directory, nor NET_RAW, which forges packets of the neighbours, nor
AUDIT_WRITE. Who is not root has none of them."""


_HELD = {"memory": "memorylimit", "cpus": "cpucfsquota", "processes": "pidslimit"}
"""By which word the engine tells whether it can hold anybody to the limit of a key."""

_NO_GPUS = re.compile(r"device driver|\bgpus?\b|nvidia|\bCDI\b", re.IGNORECASE)


def options(environment: Environment) -> dict[str, Any]:
    """For the engine's creation of a container. Blocks where processors are counted."""
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
        # Without swap beside it, so that what is said is what there is.
        chosen |= {"mem_limit": limits.memory, "memswap_limit": limits.memory}
    if limits.cpus:
        # More than there are is refused; a configuration is for machines of all sizes.
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
    """Which limits the engine cannot hold it to, as a rootless one commonly cannot. Blocks where
    there are such limits."""
    limits = environment.limits
    wanted = {"memory": bool(limits.memory), "cpus": bool(limits.cpus)}
    wanted["processes"] = limits.processes != Limits().processes
    if not any(wanted.values()):
        return ()
    about = {key.lower(): value for key, value in client().info().items()}
    # Podman's tells of the machine, not of what its user may do there.
    none = about.get("rootless") and about.get("cgroupversion") == "1"
    missing = [
        f"`{key}`"
        for key, word in _HELD.items()
        if wanted[key] and (none or about.get(word) is False)
    ]
    if not missing:
        return ()
    remark = (
        f"{' and '.join(missing)} of the environment {environment.name} cannot be held to: this "
        f"{service().name} may set no such limit (a rootless engine needs delegated cgroups)"
    )
    return (remark,)


@contextmanager
def named_gpus(environment: Environment) -> Iterator[None]:
    """What the engine says where it has no graphics processors to give, as an EngineError."""
    try:
        yield
    except docker.errors.APIError as error:
        text = str(error.explanation or error).strip()
        if not (environment.limits.gpus and _NO_GPUS.search(text)):
            raise
        raise EngineError(
            f"`gpus` of the environment {environment.name}: {service().name} has no graphics "
            f"processors to give ({text})",
            "Install their driver and NVIDIA's container toolkit, `nvidia-ctk runtime configure`, "
            "and restart the engine; or leave `gpus` out.",
        ) from error


def refuse_without_gpus(container: Container, environment: Environment) -> None:
    """Raises EngineError where the engine has taken no notice that graphics processors are
    wanted, as Podman's service does."""
    if environment.limits.gpus and not container.attrs["HostConfig"].get("DeviceRequests"):
        raise EngineError(
            f"`gpus` of the environment {environment.name}: {service().name}'s service takes no "
            "notice of it",
            "Use Docker for this environment, or leave `gpus` out.",
        )


def _tmpfs(size: int) -> str:
    # The engine's own default has `noexec`: no build could run what it made there.
    return "rw,exec,nosuid,nodev,mode=1777" + (f",size={size}" if size else "")
