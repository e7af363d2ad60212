"""This module turns a table [tasks.NAME] into a Task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from buildd.base.containment import is_below
from buildd.base.safe_open import read_regular
from buildd.config.key_positions import Path
from buildd.config.section import Section
from buildd.config.toml_file import TaskTable
from buildd.config.values import check_pattern, check_text, inner_path, parse_seconds
from buildd.model import EngineName, Environment, Task

TASKS_LIMIT = 1 << 20
"""Bytes of a tasks.json that are read."""


def to_task(
    name: str,
    table: TaskTable,
    environments: Mapping[str, Environment],
    declared: Collection[str],
    default: str,
    section: Section,
) -> Task:
    """Return the task; errors are added to the section.

    `environments` are those without errors, and `declared` are the names of all. `default` is the
    environment of tasks that name none.
    """
    environment = table.environment or default
    if table.environment:
        section.check_choice(("environment",), "environment", environment, declared)
    elif not environment and declared:
        section.add_error(
            (),
            f"the task `{name}` names no environment",
            "Add `environment = …` with one of: " + ", ".join(sorted(declared)) + ".",
        )
    arguments = (table.run,) if isinstance(table.run, str) else table.run
    if not arguments or not arguments[0].strip():
        section.add_key_error(("run",), "is empty", "Write a command.")
    for argument in arguments:
        section.attempt(("run",), check_text, argument, "")
    return Task(
        name=name,
        command=table.run,
        environment=environment,
        parsers=_parsers(table, section),
        matchers=_matchers(name, table, section),
        on_save=_on_save(table, section),
        debounce=section.attempt(("debounce",), parse_seconds, table.debounce, 0.0),
        on_newer=table.on_newer,
        grace=(
            section.attempt(("interrupt-grace",), parse_seconds, table.interrupt_grace, 0.0),
            section.attempt(("terminate-grace",), parse_seconds, table.terminate_grace, 0.0),
        ),
        directory=_directory(table, environments.get(environment), section),
        env=section.variables(table.env),
        select=_select(table, section),
        outputs=tuple(
            section.attempt(("outputs", index), inner_path, path, path)
            for index, path in enumerate(table.outputs)
        ),
    )


def default_environment(names: Collection[str]) -> str:
    """Return the only name, else `build` if it is one of them, else empty."""
    if len(names) == 1:
        return next(iter(names))
    return "build" if "build" in names else ""


def _parsers(table: TaskTable, section: Section) -> tuple[str, ...]:
    if table.parsers:
        from buildd.parsers.registry import (
            PARSERS,  # imported here, because most files name no parsers
        )

        for index, parser in enumerate(table.parsers):
            section.check_choice(("parsers", index), "parser", parser, PARSERS)
    return table.parsers


def matcher_files(table: TaskTable) -> list[str]:
    """Return the names of the files that contain the task's problem matchers."""
    return [
        matcher
        for matcher in table.problem_matchers
        if isinstance(matcher, str) and matcher[:1] != "$"
    ]


def _matchers(task: str, table: TaskTable, section: Section) -> tuple[str | dict[str, Any], ...]:
    if not table.errorformat and not table.problem_matchers:
        return ()
    from buildd.matchers import MatcherError, make  # imported here: most files have no matchers

    formats = (table.errorformat,) if isinstance(table.errorformat, str) else table.errorformat
    found: list[tuple[Path, str | dict[str, Any]]] = [
        (("errorformat",), pattern) for pattern in formats if pattern
    ]
    for index, matcher in enumerate(table.problem_matchers):
        key: Path = ("problem-matchers", index)
        if isinstance(matcher, dict) or matcher.startswith("$"):
            found.append((key, matcher))
        else:
            found += [(key, inner) for inner in _file_matchers(task, matcher, key, section)]
    for key, definition in found:
        try:
            make(definition)
        except MatcherError as error:
            section.add_key_error(key, f"cannot be used: {error.message}", error.remedy)
    return tuple(definition for _, definition in found)


def _file_matchers(
    task: str, name: str, key: Path, section: Section
) -> tuple[str | dict[str, Any], ...]:
    """Return the matchers of the task in a tasks.json, else all matchers of that file."""
    from buildd.matchers import MatcherError, matchers_of_tasks_json

    path = section.file(key, name)
    try:
        text = read_regular(path, TASKS_LIMIT).decode("utf-8-sig", "replace")
        by_label = matchers_of_tasks_json(text)
    except OSError:
        return ()  # `section.file` has added the error
    except MatcherError as error:
        section.add_key_error(key, f"cannot be used: {error.message}", error.remedy)
        return ()
    if task in by_label:
        return by_label[task]
    everything = [matcher for matchers in by_label.values() for matcher in matchers]
    if not everything:
        message = "names a file without problem matchers"
        section.add_key_error(key, message, "Add problem matchers to it, or remove the key.")
    return tuple(
        matcher for index, matcher in enumerate(everything) if matcher not in everything[:index]
    )


def _select(table: TaskTable, section: Section) -> str:
    if table.select and "{tests}" not in table.select:
        message = "does not contain `{tests}`"
        section.add_key_error(("select",), message, "Add it where the names of the tests go.")
    return table.select


def _on_save(table: TaskTable, section: Section) -> tuple[str, ...]:
    if isinstance(table.on_save, bool):
        patterns: tuple[str, ...] = ("**",) if table.on_save else ()
    else:
        patterns = table.on_save
    # All patterns are checked here, in a thread: that also imports what compiles them, which the
    # event loop will do later.
    for index, pattern in enumerate(patterns):
        section.attempt(("on-save", index), check_pattern, pattern, "")
    return patterns


def _directory(table: TaskTable, environment: Environment | None, section: Section) -> str:
    path = section.folder(("directory",), table.directory)
    if path and environment and environment.engine is not EngineName.HOST:
        roots = (section.directory, *(mount.source for mount in environment.mounts))
        if not any(is_below(path, root) for root in roots):
            section.add_key_error(
                ("directory",),
                f"is {path}, which is not in the environment `{environment.name}`",
                "Choose a directory of the project, or add it to the environment's `mounts`.",
            )
    return path
