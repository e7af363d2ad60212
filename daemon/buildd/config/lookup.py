"""This module finds tasks, environments and images by name; each error lists the valid names.

The daemon, and the commands that run without it, use the same functions, so that they give the same
answers.
"""

from __future__ import annotations

import os

from buildd.errors import UnknownNameError
from buildd.model import Environment, Project, RunImage, Task


def task_named(project: Project, name: str) -> Task:
    """Return the task of this name. Raises UnknownNameError."""
    if name in project.tasks:
        return project.tasks[name]
    raise UnknownNameError(
        f"{project.config_file} has no task `{name}`",
        f"It has: {', '.join(project.tasks)}." if project.tasks else no_task_remedy(project, name),
    )


def no_task_remedy(project: Project, name: str = "build") -> str:
    """Return the remedy for a project that has no tasks."""
    return _table_remedy(project, "Tasks", f"[tasks.{name}]", "run")


def environment_named(project: Project, name: str = "") -> Environment:
    """Return the environment of this name, or the default one. Raises UnknownNameError."""
    name = name or project.default_environment
    if name in project.environments:
        return project.environments[name]
    raise no_environment(project, name)


def no_environment(project: Project, name: str) -> UnknownNameError:
    """Return the error for an unknown name, or if the name is empty, for a missing default."""
    what = f"no environment `{name}`" if name else "several environments"
    return UnknownNameError(
        f"{project.config_file} has {what}",
        f"It has: {', '.join(project.environments)}. Name one with `--env`.",
    )


def image_named(project: Project, name: str = "") -> RunImage:
    """Return the run image of this name, which may be empty if there is only one.

    Raises UnknownNameError.
    """
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
        else _table_remedy(project, "Images", table, "dockerfile"),
    )


def _table_remedy(project: Project, kind: str, table: str, key: str) -> str:
    """Return how to add a table to the configuration, which may be another tool's file."""
    file = project.config_file
    if os.path.basename(file) == "buildd.toml":
        return f"Add `{table}` with `{key} = …` to it."
    shown = os.path.relpath(file, project.path)
    return f"{kind} need a buildd.toml: `buildd init --from {shown}` writes one."
