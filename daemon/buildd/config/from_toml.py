"""This module reads buildd.toml into a Project, or reports every error with its line and key."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from buildd.base.printable import printable, short
from buildd.config.environment_keys import EnvironmentTable
from buildd.config.environment_table import check_cache_users, linked_sources, to_environment
from buildd.config.fit import Problem, fit, suggest
from buildd.config.hook_keys import named_scripts
from buildd.config.image_table import to_image
from buildd.config.key_positions import Position, dotted, nearest, positions
from buildd.config.section import Section
from buildd.config.task_table import default_environment, matcher_files, to_task
from buildd.config.text_file import read_text
from buildd.config.toml_file import BuilddToml, ImageTable, TaskTable
from buildd.config.values import check_name
from buildd.errors import ConfigError
from buildd.model import Environment, Project

DOT_LIMIT = 256
"""Largest number of dots in a line. The time of `tomllib` grows with the square of the parts of a
dotted key, and files are read before the user trusts them."""

ERROR_LIMIT = 100
"""Largest number of errors that are reported."""

T = TypeVar("T", bound=msgspec.Struct)

_AT_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(directory: str) -> tuple[Project | None, list[ConfigError]]:
    """Read `buildd.toml` in `directory`; return a Project, or the errors in the file's order."""
    file = os.path.join(directory, "buildd.toml")
    try:
        text = read_text(file)
        data = _data(file, text)
    except ConfigError as error:
        return None, [error]
    problems: list[Problem] = []
    project = to_project(directory, file, data, problems)
    if not problems:
        return project, []
    found = positions(text)
    errors = [_error(problem, file, nearest(found, problem.path)) for problem in problems]
    return None, sorted(errors, key=lambda error: (error.line, error.column))[:ERROR_LIMIT]


def _data(file: str, text: str) -> dict[str, Any]:
    for number, content in enumerate(text.split("\n"), 1):
        if content.count(".") > DOT_LIMIT:
            message = f"this line has more than {DOT_LIMIT} dots"
            raise ConfigError(message, "Split it into several lines.", file=file, line=number)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT_PLACE.search(str(error))
        line, column = text.rstrip("\n").count("\n") + 1, 1
        if match and match[1]:
            line, column = int(match[1]), int(match[2])
        message = printable(_AT_PLACE.sub("", str(error)))
        raise ConfigError(
            f"the file is not valid TOML: {message[:1].lower()}{message[1:]}",
            file=file,
            line=line,
            column=column,
        ) from error
    except (RecursionError, ValueError) as error:
        # The file has deeply nested arrays, or a number of thousands of digits.
        raise ConfigError(f"the file cannot be read as TOML: {error}", file=file) from error


def _error(problem: Problem, file: str, position: Position) -> ConfigError:
    return ConfigError(
        problem.message,
        problem.remedy,
        file=file,
        line=position[0],
        column=position[1],
        key=dotted(problem.path),
        missing=problem.missing,
    )


def to_project(directory: str, file: str, data: dict[str, Any], problems: list[Problem]) -> Project:
    """Return the project that `data` describes, and add its problems.

    The result is valid only if there are no problems.
    """
    known = [field.encode_name for field in msgspec.structs.fields(BuilddToml)]
    problems += [
        Problem((key,), f"unknown key `{short(key)}`", suggest(key, known))
        for key in data
        if key not in known
    ]
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
