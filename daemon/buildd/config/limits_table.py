"""The keys of [environments.NAME] that say what it may use → Limits."""

from __future__ import annotations

from buildd.config.container_path import container_path
from buildd.config.section import Section
from buildd.config.toml_file import EnvironmentTable
from buildd.config.values import (
    ValueProblemError,
    check_capability,
    parse_bytes,
    parse_memory,
)
from buildd.model import Limits

MOST_PROCESSES = 1 << 22
"""As many as Linux can have."""

MOST_GPUS = 1024


def to_limits(table: EnvironmentTable, section: Section) -> Limits:
    """What the table says of limits."""
    return Limits(
        memory=section.attempt(("memory",), parse_memory, table.memory, 0),
        cpus=section.attempt(("cpus",), _cpus, table.cpus, 0.0),
        processes=section.attempt(("processes",), _processes, table.processes, 0),
        network=table.network,
        cap_add=tuple(
            section.attempt(("cap-add", place), check_capability, name, "")
            for place, name in enumerate(table.cap_add)
        ),
        gpus=section.attempt(("gpus",), _gpus, table.gpus, 0),
        shm_size=section.attempt(("shm-size",), parse_bytes, table.shm_size, 0),
        tmpfs={
            section.attempt(("tmpfs", path), container_path, path, path): section.attempt(
                ("tmpfs", path), parse_bytes, size, 0
            )
            for path, size in table.tmpfs.items()
        },
    )


def _cpus(value: float) -> float:
    if value and not 0.01 <= value <= 1 << 16:
        raise ValueProblemError(f"must be a number of processors, not {value}", "Write as `1.5`.")
    return float(value)


def _processes(value: int) -> int:
    if value > MOST_PROCESSES:
        raise ValueProblemError(
            f"must be at most {MOST_PROCESSES}, not {value}", "Write 0 for no limit."
        )
    return value


def _gpus(value: int | str) -> int:
    if value == "all":
        return -1
    if not isinstance(value, int) or not 0 <= value <= MOST_GPUS:
        raise ValueProblemError(f"cannot be {value}", 'Write how many, or "all".')
    return value
