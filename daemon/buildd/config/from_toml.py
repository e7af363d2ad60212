"""This module reads buildd.toml into a Project, or reports every error with its line and key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from buildd.config.environment_keys import EnvironmentTable
from buildd.config.environment_table import check_cache_users, linked_sources, to_environment
from buildd.config.fit import Problem, fit, unknown_keys
from buildd.config.hook_keys import named_scripts
from buildd.config.image_table import to_image
from buildd.config.section import Section
from buildd.config.task_table import default_environment, matcher_files, to_task
from buildd.config.text_file import read_text
from buildd.config.toml_errors import located_errors, parse_toml
from buildd.config.toml_file import BuilddToml, ImageTable, TaskTable
from buildd.config.values import check_name
from buildd.errors import ConfigError
from buildd.model import Environment, Project

T = TypeVar("T", bound=msgspec.Struct)


def read_toml(directory: str) -> tuple[Project | None, list[ConfigError]]:
    """Read `buildd.toml` in `directory`; return a Project, or the errors in the file's order."""
    file = os.path.join(directory, "buildd.toml")
    try:
        text = read_text(file)
        data = parse_toml(file, text)
    except ConfigError as error:
        return None, [error]
    problems: list[Problem] = []
    project = to_project(directory, file, data, problems)
    if not problems:
        return project, []
    return None, located_errors(problems, file, text)


def to_project(directory: str, file: str, data: dict[str, Any], problems: list[Problem]) -> Project:
    """Return the project that `data` describes, and add its problems.

    The result is valid only if there are no problems.
    """
    known = [field.encode_name for field in msgspec.structs.fields(BuilddToml)]
    problems += unknown_keys(data, known)
    tables = _Tables(directory, data, problems)
    declared = tables.names("environments")
    default = tables.default_environment(declared)
    environments: dict[str, Environment] = {}
    links: list[str] = []
    for name, table, section in tables.read("environments", EnvironmentTable):
        before = len(problems)
        keys = set(data["environments"][name])
        environment = to_environment(name, table, keys, section)
        if len(problems) == before:
            environments[name] = environment
            links += linked_sources(table, directory)
    check_cache_users(
        environments.values(),
        lambda name: Section(directory, ("environments", name), problems),
    )
    tasks = {}
    patterns: list[str] = []
    for name, task_table, section in tables.read("tasks", TaskTable):
        tasks[name] = to_task(name, task_table, environments, declared, default, section)
        patterns += [
            os.path.normpath(os.path.join(directory, file)) for file in matcher_files(task_table)
        ]
    images = {
        name: to_image(name, image_table, tables.names("tasks"), section)
        for name, image_table, section in tables.read("images", ImageTable)
    }
    if not declared and not problems:
        message = "the configuration has no environment"
        problems.append(Problem((), message, 'Add [environments.build] with `image = "…"`.'))
    definitions = [
        path
        for environment in environments.values()
        for path in (environment.dockerfile, *environment.rebuild_on)
        if path
    ]
    definitions += [image.dockerfile for image in images.values()]
    for environment in environments.values():
        definitions += named_scripts(environment, directory)
    return Project(
        path=directory,
        config_file=file,
        files=tuple(dict.fromkeys((file, *definitions, *patterns, *links))),
        environments=environments,
        tasks=tasks,
        images=images,
        default_environment=default,
    )


class _Tables:
    """Reads the tables [key.NAME] of one file."""

    def __init__(self, directory: str, data: dict[str, Any], problems: list[Problem]) -> None:
        self._directory = directory
        self._data = data
        self._problems = problems

    def names(self, key: str) -> list[str]:
        """Return the names of all tables [key.NAME], also of those with errors."""
        tables = self._data.get(key, {})
        return list(tables) if isinstance(tables, dict) else []

    def default_environment(self, declared: list[str]) -> str:
        """Return the value of `default-environment`, else the default among the declared names."""
        key = "default-environment"
        chosen = self._data.get(key, "")
        section = Section(self._directory, (), self._problems)
        if not isinstance(chosen, str):
            section.add_key_error((key,), "must be a string")
        elif chosen:
            section.check_choice((key,), "environment", chosen, declared)
            return chosen
        return default_environment(declared)

    def read(self, key: str, kind: type[T]) -> Iterator[tuple[str, T, Section]]:
        """Yield the tables [key.NAME] with valid keys and types; the others become problems."""
        tables = self._data.get(key, {})
        if not isinstance(tables, dict):
            message = f"`{key}` must be a table of tables"
            self._problems.append(Problem((key,), message, f"Write [{key}.NAME]."))
            return
        for name, content in tables.items():
            section = Section(self._directory, (key, name), self._problems)
            section.attempt((), check_name, name, "")
            table = fit(content, kind, (key, name), self._problems)
            if table is not None:
                yield name, table, section
