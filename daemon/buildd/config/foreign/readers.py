"""What stands in for a buildd.toml: other tools' files, read as if they had been converted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import msgspec

from buildd.config.fit import Problem
from buildd.config.foreign.devcontainer import read_devcontainer
from buildd.config.foreign.devcontainer_files import DEVCONTAINER, devcontainers
from buildd.config.foreign.dock import read_dock
from buildd.config.foreign.draft import Draft
from buildd.config.foreign.omission import describe, leave_out_unusable
from buildd.config.from_toml import to_project
from buildd.errors import ConfigError
from buildd.model import Diagnostic, Project, Severity, Span

MAIN = "build"
"""The name of an environment whose file gives it none."""

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def draft(directory: str, file: str) -> Draft:
    """What the file that stands for a project's configuration asks for; with one devcontainer.json
    all the others, each as an environment."""
    name = os.path.basename(file)
    if name == "dock.yaml":
        return draft_of_dock(directory, file)
    if name.endswith(DEVCONTAINER):
        return draft_of_devcontainers(directory, devcontainers(directory))
    return draft_of_dockerfile(directory, file)


def draft_of_devcontainers(directory: str, files: list[str]) -> Draft:
    """Each is an environment; where there are several, it has the name of its directory. One that
    cannot be had is remarked if another can."""
    draft = Draft(directory)
    failures: list[ConfigError] = []
    for file in files:
        before = len(draft.errors)
        name = _name(directory, file)
        if name in draft.data["environments"]:
            name = f"{name}-devcontainer"
        _attempt(draft, file, read_devcontainer, name)
        if len(draft.errors) > before:
            draft.data["environments"].pop(name, None)
            failures += draft.errors[before:]
            del draft.errors[before:]
    if draft.data["environments"]:
        draft.remarks += map(_remark, failures)
    else:
        draft.errors += failures
    return _usable(draft)


def draft_of_dock(directory: str, file: str) -> Draft:
    """All its environments."""
    draft = Draft(directory)
    _attempt(draft, file, lambda into, path, _: read_dock(into, path))
    return _usable(draft)


def draft_of_dockerfile(directory: str, file: str) -> Draft:
    """An environment of its image."""
    draft = Draft(directory)
    draft.files.append(file)
    draft.data["environments"][MAIN] = {"dockerfile": os.path.relpath(file, directory)}
    return draft


def to_result(draft: Draft) -> tuple[Project | None, list[ConfigError]]:
    """What the draft means: a Project exactly if nothing is wrong."""
    if draft.errors:
        return None, draft.errors
    problems: list[Problem] = []
    project = to_project(draft.directory, draft.files[0], draft.data, problems)
    if problems:
        errors = [_error(draft, problem) for problem in problems]
        return None, sorted(errors, key=lambda one: (one.file, one.line, one.column))
    files = tuple(dict.fromkeys((*draft.files, *project.files)))
    return msgspec.structs.replace(
        project, files=files, remarks=tuple(draft.remarks_in_order()), given=tuple(draft.given)
    ), []


def _attempt(
    draft: Draft, file: str, read: Callable[[Draft, str, str], None], name: str = MAIN
) -> None:
    try:
        read(draft, file, name)
    except ConfigError as error:
        if file not in draft.files:
            draft.files.append(file)
        draft.errors.append(error)


def _name(directory: str, file: str) -> str:
    folder = os.path.dirname(file)
    if folder == directory or os.path.basename(folder) == ".devcontainer":
        return MAIN
    return _NO_NAME.sub("-", os.path.basename(folder)).strip("-._")[:64] or MAIN


def _usable(draft: Draft) -> Draft:
    if not draft.errors:
        leave_out_unusable(draft)
    return draft


def _error(draft: Draft, problem: Problem) -> ConfigError:
    """The problem at the place that its key is from, in the words of that file."""
    origin, message = describe(draft, problem)
    return ConfigError(
        message,
        problem.remedy,
        file=origin.file,
        line=origin.line,
        column=origin.column,
        key=origin.key,
        missing=problem.missing,
    )


def _remark(error: ConfigError) -> Diagnostic:
    return Diagnostic(
        span=Span(file=error.file, line=error.line, column=error.column),
        severity=Severity.WARNING,
        message=f"{error.message}. {error.remedy}".strip(),
        source="buildd",
        code=error.key,
    )
