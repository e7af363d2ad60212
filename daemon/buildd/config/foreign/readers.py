"""This module reads other tools' files as projects, as if they had been converted first."""

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
from buildd.config.from_toml import to_project
from buildd.config.key_positions import dotted
from buildd.errors import ConfigError
from buildd.model import Diagnostic, Project, Severity, Span

MAIN = "build"
"""The name of an environment that has none in its file."""

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def read_draft(directory: str, file: str) -> Draft:
    """Translate the file that is read as the project's configuration.

    If it is a devcontainer.json, all others are translated with it, each as an environment.
    """
    name = os.path.basename(file)
    if name == "dock.yaml":
        return dock_draft(directory, file)
    if name.endswith(DEVCONTAINER):
        return devcontainer_draft(directory, devcontainers(directory))
    return dockerfile_draft(directory, file)


def devcontainer_draft(directory: str, files: list[str]) -> Draft:
    """Translate devcontainer.json files; each environment is named after its file's directory.

    If one is valid, errors in the others become remarks.
    """
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
    return draft


def dock_draft(directory: str, file: str) -> Draft:
    """Translate all environments of a dock.yaml."""
    draft = Draft(directory)
    _attempt(draft, file, lambda into, path, _: read_dock(into, path))
    return draft


def dockerfile_draft(directory: str, file: str) -> Draft:
    """Return a draft with one environment, whose image is built from the Dockerfile."""
    draft = Draft(directory)
    draft.files.append(file)
    draft.data["environments"][MAIN] = {"dockerfile": os.path.relpath(file, directory)}
    return draft


def to_result(draft: Draft) -> tuple[Project | None, list[ConfigError]]:
    """Return the draft's project, or None and its errors."""
    if draft.errors:
        return None, draft.errors
    problems: list[Problem] = []
    project = to_project(draft.directory, draft.files[0], draft.data, problems)
    if problems:
        errors = [_error(draft, problem) for problem in problems]
        return None, sorted(errors, key=lambda error: (error.file, error.line, error.column))
    files = tuple(dict.fromkeys((*draft.files, *project.files)))
    return msgspec.structs.replace(
        project,
        files=files,
        remarks=tuple(draft.sorted_remarks()),
        host_variables=tuple(draft.host_variables),
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


def _error(draft: Draft, problem: Problem) -> ConfigError:
    """Return the problem as an error at the origin of its key, with the origin's key names."""
    origin = draft.origin(problem.path)
    message = problem.message
    for length in range(len(problem.path), 0, -1):
        message = message.replace(f"`{dotted(problem.path[:length])}`", f"`{origin.key}`")
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
