"""An engine's refusal to mount something where the configuration wants it.

`config/container_path.py` refuses what no container can have. This is about what depends on the
image: whether it has a file or a directory there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import docker.errors

from buildd.config import load
from buildd.config.key_positions import Path
from buildd.engines.docker.client import service
from buildd.errors import DefinitionError
from buildd.model import Environment, Project

# runc: … to rootfs at "/usr/bin/env"; crun: mount `…` to `usr/bin/env`; a volume that is filled
# from the image: source /…/merged/usr/bin/env is not directory
_TARGET = re.compile(r'to rootfs at "([^"]+)"|mount `[^`]+` to `([^`]+)`|/merged(/.+) is not dir')
_KIND = re.compile(r"not (?:a )?directory|is a directory", re.IGNORECASE)
_READ_ONLY = re.compile(r"read-only file system", re.IGNORECASE)


@contextmanager
def named_targets(project: Project, environment: Environment) -> Iterator[None]:
    """Raise a DefinitionError at the key for a place that the engine does not mount at."""
    try:
        yield
    except docker.errors.APIError as error:
        text = str(error.explanation or error)
        found = _TARGET.search(text)
        target = "/" + (found[1] or found[2] or found[3]).lstrip("/") if found else ""
        key = _keys(environment).get(target)
        if key is None:
            raise
        origin = load.place(project, ("environments", environment.name, *key))
        raise DefinitionError(
            f"{service().name} cannot mount anything at {target} of the image{_reason(text)}",
            f"Choose another place in [environments.{environment.name}].",
            file=origin.file,
            line=origin.line,
        ) from error


def _keys(environment: Environment) -> dict[str, Path]:
    """Where in the environment's table each target is written."""
    keys: dict[str, Path] = {environment.project_target: ("mount",)}
    keys |= {path: ("tmpfs", path) for path in environment.limits.tmpfs}
    keys |= {cache.path: ("caches", name) for name, cache in environment.caches.items()}
    for place, mount in enumerate(environment.mounts):
        keys[mount.target] = ("mounts", place, "target")
    return keys


def _reason(text: str) -> str:
    if _KIND.search(text):
        return ": one of the two is a directory, the other is a file"
    return ": it cannot be made there" if _READ_ONLY.search(text) else ""
