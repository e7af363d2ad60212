"""buildd.toml → Project, or all that is wrong with it: file, line, key, and the nearest key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from buildd.config.environment_table import claimed_twice, linked_sources, to_environment
from buildd.config.fit import Problem, Problems, TooManyProblemsError, fit, unknown_keys
from buildd.config.hook_keys import named_scripts
from buildd.config.image_table import to_image
from buildd.config.section import Section
from buildd.config.task_table import default_environment, matcher_files, to_task
from buildd.config.text_file import read_text
from buildd.config.toml_errors import located, parsed
from buildd.config.toml_file import BuilddToml, EnvironmentTable, ImageTable, TaskTable
from buildd.config.values import check_name
from buildd.errors import ConfigError
from buildd.model import Environment, Project

T = TypeVar("T", bound=msgspec.Struct)

MOST_TABLES = {"environments": 50, "tasks": 1000, "images": 100}
"""Of each kind: each is looked at, and shown, before anybody has consented."""

MOST_PATTERNS = 1000
"""Of all `on-save` together."""


def read_toml(directory: str) -> tuple[Project | None, list[ConfigError]]:
    """Read `buildd.toml` in `directory`; a Project, or all that is wrong, in the file's order."""
    file = os.path.join(directory, "buildd.toml")
    try:
        text = read_text(file)
        data = parsed(file, text)
    except ConfigError as error:
        return None, [error]
    problems = Problems()
    project = to_project(directory, file, data, problems)
    if not problems:
        return project, []
    return None, located(problems, file, text)


def to_project(
    directory: str, file: str, data: dict[str, Any], problems: Problems
) -> Project | None:
    """What `data` says; only if it leaves `problems` empty does the Project mean anything."""
    try:
        return _to_project(directory, file, data, problems)
    except TooManyProblemsError:
        return None


def _to_project(directory: str, file: str, data: dict[str, Any], problems: Problems) -> Project:
    known = [field.encode_name for field in msgspec.structs.fields(BuilddToml)]
    problems.extend(unknown_keys(data, known))
    reading = _Reading(directory, data, problems)
    declared = reading.names("environments")
    default = reading.default_environment(declared)
    environments: dict[str, Environment] = {}
    links: list[str] = []
    for name, table, section in reading.tables("environments", EnvironmentTable):
        before = len(problems)
        written = set(data["environments"][name])
        environment = to_environment(name, table, written, section)
        if len(problems) == before:
            environments[name] = environment
            links += linked_sources(table, environment, directory)
    claimed_twice(
        environments.values(),
        lambda name: Section(directory, ("environments", name), problems),
    )
    tasks = {}
    patterns: list[str] = []
    count = 0
    for name, task_table, section in reading.tables("tasks", TaskTable):
        count += 0 if isinstance(task_table.on_save, bool) else len(task_table.on_save)
        if count > MOST_PATTERNS:
            message = f"brings the file's patterns to more than {MOST_PATTERNS}"
            section.bad(("on-save",), message, "Write patterns that fit more files.")
            break
        tasks[name] = to_task(name, task_table, environments, declared, default, section)
        files = matcher_files(task_table)
        patterns += [os.path.normpath(os.path.join(directory, one)) for one in files]
    images = {
        name: to_image(name, image_table, reading.names("tasks"), section)
        for name, image_table, section in reading.tables("images", ImageTable)
    }
    if not declared and not problems:
        problems.append(
            Problem((), "it has no environment", 'Add [environments.build] with `image = "…"`.')
        )
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


class _Reading:
    """The named tables of one file."""

    def __init__(self, directory: str, data: dict[str, Any], problems: Problems) -> None:
        self._directory = directory
        self._data = data
        self._problems = problems

    def names(self, key: str) -> list[str]:
        """The names of all tables [key.NAME], right or wrong."""
        found = self._data.get(key, {})
        return list(found) if isinstance(found, dict) else []

    def default_environment(self, declared: list[str]) -> str:
        """The one that the file names, else as its names have it."""
        key = "default-environment"
        chosen = self._data.get(key, "")
        section = Section(self._directory, (), self._problems)
        if not isinstance(chosen, str):
            section.bad((key,), "must be a string")
        elif chosen:
            section.named((key,), "environment", chosen, declared)
            return chosen
        return default_environment(declared)

    def tables(self, key: str, kind: type[T]) -> Iterator[tuple[str, T, Section]]:
        """The tables [key.NAME] whose keys and types are right; the others become problems."""
        found = self._data.get(key, {})
        if not isinstance(found, dict):
            message = f"`{key}` must be a table of tables"
            self._problems.append(Problem((key,), message, f"Write [{key}.NAME]."))
            return
        if len(found) > MOST_TABLES[key]:
            message = f"there are more than {MOST_TABLES[key]} tables [{key}.NAME]"
            self._problems.append(Problem((key,), message, "Divide the project into several."))
            return
        for name, content in found.items():
            section = Section(self._directory, (key, name), self._problems)
            section.attempt((), check_name, name, "")
            table = fit(content, kind, (key, name), self._problems)
            if table is not None:
                yield name, table, section
