"""This module turns a table [environments.NAME] into an Environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import msgspec

from buildd.config.environment_keys import CacheTable, EnvironmentTable, MountTable
from buildd.config.hook_keys import to_steps
from buildd.config.key_positions import Path
from buildd.config.limits_table import to_limits
from buildd.config.section import Section
from buildd.config.values import check_image, check_name, check_text, check_user, container_path
from buildd.model import Cache, EngineName, Environment, Mount


def to_environment(
    name: str, table: EnvironmentTable, keys: set[str], section: Section
) -> Environment:
    """Return the environment; `keys` are those that the file contains.

    Errors are added to the section.
    """
    engine = _engine(table, keys, section)
    mounts = [_mount(index, mount, section) for index, mount in enumerate(table.mounts)]
    caches = {name: _cache(name, cache, section) for name, cache in table.caches.items()}
    limits = to_limits(table, section)
    target = section.directory
    if table.mount != "same":
        target = section.attempt(("mount",), container_path, table.mount, target)
    _check_targets(target, caches, mounts, limits.tmpfs, section)
    if table.image:
        section.attempt(("image",), check_image, table.image, "")
    return Environment(
        name=name,
        engine=engine,
        image=table.image,
        dockerfile=section.file(("dockerfile",), table.dockerfile),
        context=section.folder(("context",), table.context),
        target=section.attempt(("target",), check_text, table.target, ""),
        build_args=section.variables(table.build_args, "build-args"),
        secrets=_secrets(table, section),
        rebuild_on=tuple(
            section.file(("rebuild-on", index), path) for index, path in enumerate(table.rebuild_on)
        ),
        on_change=table.on_change,
        pull=table.pull,
        project_target=target,
        user=section.attempt(("user",), check_user, table.user, "host"),
        caches=caches,
        mounts=tuple(mounts),
        env=section.variables(table.env),
        limits=limits,
        sudo=table.sudo,
        ssh_agent=table.ssh_agent,
        init=table.init,
        on_create=to_steps("on-create", table.on_create, section),
        on_start=to_steps("on-start", table.on_start, section),
        protect_git=table.protect_git,
    )


def check_cache_users(
    environments: Iterable[Environment], section: Callable[[str], Section]
) -> None:
    """Add an error for each cache that environments with different users share.

    `section` returns the section of the environment with that name.
    """
    first: dict[tuple[EngineName, str, bool], Environment] = {}
    for environment in environments:
        for name, cache in environment.caches.items():
            other = first.setdefault((environment.engine, name, cache.shared), environment)
            if other.user != environment.user:
                section(environment.name).add_key_error(
                    ("caches", name),
                    f"is also used by the environment `{other.name}`, as another user: here "
                    f'`user = "{environment.user}"`, there "{other.user}"',
                    "Its files cannot belong to both: rename one of the caches, or give both "
                    "environments the same `user`.",
                )


def _cache(name: str, cache: str | CacheTable, section: Section) -> Cache:
    section.attempt(("caches", name), check_name, name, "")
    if isinstance(cache, str):
        return Cache(path=section.attempt(("caches", name), container_path, cache, cache))
    key: Path = ("caches", name, "path")
    path = section.attempt(key, container_path, cache.path, cache.path)
    return Cache(path=path, shared=cache.shared)


def linked_sources(table: EnvironmentTable, directory: str) -> list[str]:
    """Return the sources of mounts that are links, because a link is part of the configuration."""
    sources = (os.path.expanduser(mount.source) for mount in table.mounts)
    paths = (os.path.normpath(os.path.join(directory, source)) for source in sources)
    return [path for path in paths if os.path.realpath(path) != path]


def _engine(table: EnvironmentTable, keys: set[str], section: Section) -> EngineName:
    """Return the engine that the keys mean, and add errors for keys that contradict it."""
    name = section.path[-1]
    if table.engine is EngineName.HOST:
        for key in sorted(keys - _HOST_KEYS):
            section.add_key_error(
                (key,),
                'has no meaning with `engine = "host"`, which uses no container',
                "Remove one of the two.",
            )
        return EngineName.HOST
    if table.image and table.dockerfile:
        section.add_key_error(
            ("dockerfile",), "and `image` exclude each other", "Remove one of the two."
        )
    elif not (table.image or table.dockerfile):
        section.add_error(
            (),
            f"the environment `{name}` needs an image or a dockerfile",
            'Add `image = "…"` or `dockerfile = "…"`; or add `engine = "host"` to run its commands '
            "on the host.",
        )
    elif not table.dockerfile:
        for key in sorted(keys & _DOCKERFILE_KEYS):
            section.add_key_error((key,), "has no meaning without a `dockerfile`", "Remove it.")
    return EngineName.DOCKER if table.engine is msgspec.UNSET else table.engine


_DOCKERFILE_KEYS = {"context", "target", "build-args", "secrets", "rebuild-on", "on-change"}
"""Keys that need `dockerfile`."""

_HOST_KEYS = {"engine", "env"}
"""Keys that an environment without a container may have."""


def _secrets(table: EnvironmentTable, section: Section) -> dict[str, str]:
    for name in table.secrets:
        section.attempt(("secrets", name), check_name, name, "")
    return {name: section.any_file(("secrets", name), path) for name, path in table.secrets.items()}


def _mount(index: int, mount: MountTable, section: Section) -> Mount:
    return Mount(
        source=section.any_file(("mounts", index, "source"), mount.source),
        target=section.attempt(("mounts", index, "target"), container_path, mount.target, ""),
        read_only=mount.read_only,
    )


def _check_targets(
    project: str,
    caches: dict[str, Cache],
    mounts: list[Mount],
    tmpfs: Iterable[str],
    section: Section,
) -> None:
    used = {project: "the project"}
    targets: list[tuple[Path, str]] = [
        (("caches", name), cache.path) for name, cache in caches.items()
    ]
    targets += [(("tmpfs", path), path) for path in tmpfs]
    targets += [(("mounts", index, "target"), mount.target) for index, mount in enumerate(mounts)]
    for key, path in targets:
        if path in used:
            message = f"is {path}, which is already the path of {used[path]}"
            section.add_key_error(key, message, "Choose another path.")
        used.setdefault(path, "another directory")
