"""What a project has by a name: its tasks, environments and images. Each error says what there is.

The daemon and the commands that do without it answer alike, since both look here.
"""

from __future__ import annotations

import os

from buildd.errors import UnknownNameError
from buildd.model import Environment, Project, RunImage, Task


def task_named(project: Project, name: str) -> Task:
    """The task of that name. Raises UnknownNameError."""
    if name in project.tasks:
        return project.tasks[name]
    raise UnknownNameError(
        f"{project.config_file} has no task `{name}`",
        f"It has: {', '.join(project.tasks)}." if project.tasks else adding_a_task(project, name),
    )


def adding_a_task(project: Project, name: str = "build") -> str:
    """The remedy where a project has no task."""
    return _adding(project, "Tasks", f"[tasks.{name}]", "run")


def environment_named(project: Project, name: str = "") -> Environment:
    """The environment of that name, or the default one. Raises UnknownNameError."""
    name = name or project.default_environment
    if name in project.environments:
        return project.environments[name]
    raise no_environment(project, name)


def no_environment(project: Project, name: str) -> UnknownNameError:
    """The error where there is none of that name; or, with an empty one, none by default."""
    what = f"no environment `{name}`" if name else "several environments"
    return UnknownNameError(
        f"{project.config_file} has {what}",
        f"It has: {', '.join(project.environments)}. Name one with `--env`.",
    )


def image_named(project: Project, name: str = "") -> RunImage:
    """The run image of that name; the name may be empty if there is only one. Raises
    UnknownNameError."""
    images = project.images
    if not name and len(images) == 1:
        return next(iter(images.values()))
    if name in images:
        return images[name]
    what = f"no image `{name}`" if name else "several images" if images else "no image"
    table = f"[images.{name or 'run'}]"
    raise UnknownNameError(
        f"{project.config_file} has {what}",
        f"It has: {', '.join(images)}."
        if images
        else _adding(project, "Images", table, "dockerfile"),
    )


def _adding(project: Project, kind: str, table: str, key: str) -> str:
    """How to add a table to the configuration, which may be no TOML."""
    file = project.config_file
    if os.path.basename(file) == "buildd.toml":
        return f"Add `{table}` with `{key} = …` to it."
    shown = os.path.relpath(file, project.path)
    return f"{kind} need a buildd.toml: `buildd init --from {shown}` writes one."
