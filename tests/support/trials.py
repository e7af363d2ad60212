"""What trials must not leave."""

from __future__ import annotations

import glob
import os

import docker

from tests.support.daemon import Daemon


def left(daemon: Daemon) -> list[str]:
    """What trials have left: directories, and containers and volumes of the engine."""
    state, runtime = (daemon.environment[f"BUILDD_{name}_DIR"] for name in ("STATE", "RUNTIME"))
    found = []
    for directory in (f"{state}/trials", f"{runtime}/env"):
        if os.path.isdir(directory):
            found += [f"{directory}/{name}" for name in os.listdir(directory) if name != "lock"]
    for path in glob.glob(f"{state}/projects/*/path"):
        with open(path, encoding="utf-8") as file:
            if file.read().startswith(state):
                found.append(path)
    if os.environ.get("BUILDD_TEST_ENGINE") == "host":
        return found
    engine = docker.from_env()
    try:
        for one in engine.containers.list(all=True, ignore_removed=True):
            if state in one.labels.get("buildd.project", ""):
                found.append(f"container {one.id}")
        for volume in engine.volumes.list():
            if state in (volume.attrs["Labels"] or {}).get("buildd.project", ""):
                found.append(f"volume {volume.id}")
    finally:
        engine.close()
    return found
