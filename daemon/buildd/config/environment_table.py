"""A table [environments.NAME] → Environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import msgspec

from buildd.config.container_path import container_path
from buildd.config.hook_keys import to_steps
from buildd.config.key_positions import Path
from buildd.config.limits_table import to_limits
from buildd.config.section import Section
from buildd.config.toml_file import CacheTable, EnvironmentTable, MountTable
from buildd.config.values import check_image, check_name, check_text, check_user
from buildd.model import Cache, EngineName, Environment, Mount


def to_environment(
    name: str, table: EnvironmentTable, written: set[str], section: Section
) -> Environment:
    """The environment; `written` are the keys that the file has."""
    engine = _engine(table, written, section)
    mounts = [_mount(place, mount, section) for place, mount in enumerate(table.mounts)]
    caches = {name: _cache(name, cache, section) for name, cache in table.caches.items()}
    limits = to_limits(table, section)
    target = section.directory
    if engine is not EngineName.HOST:
        wanted = target if table.mount == "same" else table.mount
        target = section.attempt(("mount",), container_path, wanted, target)
    _distinct_targets(target, caches, mounts, limits.tmpfs, section)
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
            section.file(("rebuild-on", place), path) for place, path in enumerate(table.rebuild_on)
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


def claimed_twice(environments: Iterable[Environment], section: Callable[[str], Section]) -> None:
    """Say which environments would fill one cache as different users; `section` gives the
    table of the environment of that name."""
    first: dict[tuple[EngineName, str, bool], Environment] = {}
    for environment in environments:
        for name, cache in environment.caches.items():
            other = first.setdefault((environment.engine, name, cache.shared), environment)
            if other.user != environment.user:
                section(environment.name).bad(
                    ("caches", name),
                    f"is filled by the environment `{other.name}` too, as another user: here "
                    f'`user = "{environment.user}"`, there "{other.user}"',
                    "Its files cannot belong to both: give one of them a name of its own, or both "
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
    """The sources of mounts that are links: whoever changes one changes the configuration."""
    written = (os.path.expanduser(mount.source) for mount in table.mounts)
    paths = (os.path.normpath(os.path.join(directory, source)) for source in written)
    return [path for path in paths if os.path.realpath(path) != path]


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
        for key in sorted(written & _OF_A_DOCKERFILE):
            section.bad((key,), "has no meaning without a `dockerfile`", "Remove it.")
    return EngineName.DOCKER if table.engine is msgspec.UNSET else table.engine


_OF_A_DOCKERFILE = {"context", "target", "build-args", "secrets", "rebuild-on", "on-change"}

_OF_THE_HOST = {"engine", "env"}
"""What remains to be said of an environment that is no container."""


def _secrets(table: EnvironmentTable, section: Section) -> dict[str, str]:
    for name in table.secrets:
        section.attempt(("secrets", name), check_name, name, "")
    return {name: section.any_file(("secrets", name), path) for name, path in table.secrets.items()}


def _mount(place: int, mount: MountTable, section: Section) -> Mount:
    return Mount(
        source=section.any_file(("mounts", place, "source"), mount.source),
        target=section.attempt(("mounts", place, "target"), container_path, mount.target, ""),
        read_only=mount.read_only,
    )


def _distinct_targets(
    project: str,
    caches: dict[str, Cache],
    mounts: list[Mount],
    tmpfs: Iterable[str],
    section: Section,
) -> None:
    taken = {project: "the project"}
    targets: list[tuple[Path, str]] = [(("caches", name), one.path) for name, one in caches.items()]
    targets += [(("tmpfs", path), path) for path in tmpfs]
    targets += [(("mounts", place, "target"), m.target) for place, m in enumerate(mounts)]
    for key, path in targets:
        if not path:
            continue  # it is wrong, which is said already
        if path in taken:
            section.bad(key, f"is {path}, where {taken[path]} is already", "Choose another.")
        taken.setdefault(path, "another directory")
