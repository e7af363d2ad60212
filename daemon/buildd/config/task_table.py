"""A table [tasks.NAME] → Task."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from buildd.base.safe_open import FileTooLargeError, read_regular
from buildd.config.key_positions import Path
from buildd.config.section import Section
from buildd.config.toml_file import TaskTable
from buildd.config.values import check_pattern, check_text, inner_path, parse_seconds
from buildd.model import EngineName, Environment, Task

TASKS_LIMIT = 1 << 20
"""Characters of a tasks.json that are read."""


def to_task(
    name: str,
    table: TaskTable,
    environments: Mapping[str, Environment],
    declared: Collection[str],
    default: str,
    section: Section,
) -> Task:
    """The task. `environments` are those without errors, `declared` the names of all; `default` is
    where it runs if it does not say."""
    environment = table.environment or default
    if table.environment:
        section.named(("environment",), "environment", environment, declared)
    elif not environment and declared:
        section.wrong(
            (),
            f"the task `{name}` does not say where it runs",
            "Add `environment = …`; there are: " + ", ".join(sorted(declared)) + ".",
        )
    arguments = (table.run,) if isinstance(table.run, str) else table.run
    if not arguments or not arguments[0].strip():
        section.bad(("run",), "is empty", "Give it a command.")
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
            section.attempt(("outputs", place), inner_path, path, path)
            for place, path in enumerate(table.outputs)
        ),
    )


def default_environment(names: Collection[str]) -> str:
    """The only one, else the one named `build`, else none."""
    if len(names) == 1:
        return next(iter(names))
    return "build" if "build" in names else ""


def _parsers(table: TaskTable, section: Section) -> tuple[str, ...]:
    if table.parsers:
        from buildd.parsers.registry import (
            PARSERS,  # here: a file that names none does not need them
        )

        for place, parser in enumerate(table.parsers):
            section.named(("parsers", place), "parser", parser, PARSERS)
    return table.parsers


def matcher_files(table: TaskTable) -> list[str]:
    """The files that the task's problem matchers are in, as they are named there."""
    return [one for one in table.problem_matchers if isinstance(one, str) and one[:1] != "$"]


def _matchers(task: str, table: TaskTable, section: Section) -> tuple[str | dict[str, Any], ...]:
    if not table.errorformat and not table.problem_matchers:
        return ()
    from buildd.matchers import MatcherError, make  # here: most files have none

    formats = (table.errorformat,) if isinstance(table.errorformat, str) else table.errorformat
    found: list[tuple[Path, str | dict[str, Any]]] = [
        (("errorformat",), one) for one in formats if one
    ]
    for place, one in enumerate(table.problem_matchers):
        key: Path = ("problem-matchers", place)
        if isinstance(one, dict) or one.startswith("$"):
            found.append((key, one))
        else:
            found += [(key, told) for told in _of_file(task, one, key, section)]
    for key, definition in found:
        try:
            make(definition)
        except MatcherError as error:
            section.bad(key, f"cannot be used: {error.message}", error.remedy)
    return tuple(definition for _, definition in found)


def _of_file(task: str, name: str, key: Path, section: Section) -> tuple[str | dict[str, Any], ...]:
    """What the task of this name has in a tasks.json; where none is named so, all that it has."""
    from buildd.matchers import MatcherError, matchers_of_tasks_json

    path = section.file(key, name)
    try:
        text = read_regular(path, TASKS_LIMIT).decode("utf-8-sig", "replace")
        by_label = matchers_of_tasks_json(text)
    except FileTooLargeError as error:
        section.bad(key, f"cannot be used: {error.strerror}", "Use a smaller file.")
        return ()
    except OSError:
        return ()  # it has been said
    except MatcherError as error:
        section.bad(key, f"cannot be used: {error.message}", error.remedy)
        return ()
    if task in by_label:
        return by_label[task]
    everything = [one for told in by_label.values() for one in told]
    if not everything:
        section.bad(key, "names a file without problem matchers", "Add some, or leave it out.")
    return tuple(one for place, one in enumerate(everything) if one not in everything[:place])


def _select(table: TaskTable, section: Section) -> str:
    if table.select and "{tests}" not in table.select:
        section.bad(("select",), "has no `{tests}`", "Put it where the tests' names go.")
    return table.select


def _on_save(table: TaskTable, section: Section) -> tuple[str, ...]:
    chosen = table.on_save
    if isinstance(chosen, bool):
        chosen = ("**",) if chosen else ()
    # All of them: this also imports, in a thread, what the event loop will compile them with.
    for place, pattern in enumerate(chosen):
        section.attempt(("on-save", place), check_pattern, pattern, "")
    return chosen


def _directory(table: TaskTable, environment: Environment | None, section: Section) -> str:
    path = section.folder(("directory",), table.directory)
    if path and environment and environment.engine is not EngineName.HOST:
        seen = (section.directory, *(mount.source for mount in environment.mounts))
        if not any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in seen):
            section.bad(
                ("directory",),
                f"is {path}, which the environment `{environment.name}` does not see",
                "Choose a directory of the project, or add it to the environment's `mounts`.",
            )
    return path
