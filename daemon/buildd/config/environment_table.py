"""A table [environments.NAME] → Environment."""

from __future__ import annotations

import msgspec

from buildd.config.positions import Path
from buildd.config.section import Section
from buildd.config.toml_file import EnvironmentTable, MountTable
from buildd.config.values import (
    check_image,
    check_name,
    container_path,
    parse_bytes,
)
from buildd.model import EngineName, Environment, Mount


def to_environment(
    name: str, table: EnvironmentTable, written: set[str], section: Section
) -> Environment:
    """The environment; `written` are the keys that the file has."""
    engine = _engine(table, written, section)
    mounts = [_mount(place, mount, section) for place, mount in enumerate(table.mounts)]
    caches = {
        cache: section.attempt(("caches", cache), container_path, path, path)
        for cache, path in table.caches.items()
    }
    for cache in caches:
        section.attempt(("caches", cache), check_name, cache, "")
    target = section.directory
    if table.mount != "same":
        target = section.attempt(("mount",), container_path, table.mount, target)
    _distinct_targets(target, caches, mounts, section)
    if table.image:
        section.attempt(("image",), check_image, table.image, "")
    return Environment(
        name=name,
        engine=engine,
        image=table.image,
        dockerfile=section.file(("dockerfile",), table.dockerfile),
        context=section.folder(("context",), table.context),
        rebuild_on=tuple(
            section.file(("rebuild-on", place), path) for place, path in enumerate(table.rebuild_on)
        ),
        project_target=target,
        user=table.user,
        caches=caches,
        mounts=tuple(mounts),
        env=section.variables(table.env),
        memory=section.attempt(("memory",), parse_bytes, table.memory, 0),
        processes=table.processes,
        network=table.network,
    )


def _engine(table: EnvironmentTable, written: set[str], section: Section) -> EngineName:
    """Which engine the keys mean together; says which of them contradict each other."""
    name = section.path[-1]
    if table.engine is EngineName.HOST:
        for key in sorted(written - _OF_THE_HOST):
            section.bad(
                (key,),
                'has no meaning with `engine = "host"`',
                "Remove the one or the other: on this machine itself there is no container.",
            )
        return EngineName.HOST
    if table.image and table.dockerfile:
        section.bad(("dockerfile",), "and `image` exclude each other", "Keep one.")
    elif not (table.image or table.dockerfile):
        section.wrong(
            (),
            f"the environment `{name}` needs an image or a dockerfile",
            'Add `image = "…"` or `dockerfile = "…"`; or `engine = "host"`, to run its commands '
            "on this machine itself.",
        )
    elif not table.dockerfile:
        for key in sorted(written & {"context", "rebuild-on"}):
            section.bad((key,), "has no meaning without a `dockerfile`", "Remove it.")
    return EngineName.DOCKER if table.engine is msgspec.UNSET else table.engine


_OF_THE_HOST = {"engine", "env"}
"""What remains to be said of an environment that is no container."""


def _mount(place: int, mount: MountTable, section: Section) -> Mount:
    return Mount(
        source=section.any_file(("mounts", place, "source"), mount.source),
        target=section.attempt(("mounts", place, "target"), container_path, mount.target, ""),
        read_only=mount.read_only,
    )


def _distinct_targets(
    project: str, caches: dict[str, str], mounts: list[Mount], section: Section
) -> None:
    taken = {project: "the project"}
    targets: list[tuple[Path, str]] = [(("caches", name), path) for name, path in caches.items()]
    targets += [(("mounts", place, "target"), m.target) for place, m in enumerate(mounts)]
    for key, path in targets:
        if path in taken:
            section.bad(key, f"is {path}, where {taken[path]} is already", "Choose another.")
        taken.setdefault(path, "another directory")
