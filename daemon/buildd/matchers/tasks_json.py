"""Finds the problem matchers that the tasks in a `.vscode/tasks.json` name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buildd.base.json_text import parse_json
from buildd.base.jsonc import to_json
from buildd.matchers.base import MatcherError

Definition = str | dict[str, Any]
"""A definition: a name after a `$`, or an object."""


def matchers_of_tasks_json(text: str) -> dict[str, tuple[Definition, ...]]:
    """Returns the definitions by the labels of their tasks, in the file's order.

    Tasks without one are left out. A `linux` section takes precedence. Raises MatcherError if the
    text is not that of a tasks.json.
    """
    try:
        document = parse_json(to_json(text))
    except ValueError as error:
        raise MatcherError(f"tasks.json: {error}", "Mend the file.") from None
    if not isinstance(document, Mapping) or not isinstance(document.get("tasks", []), list):
        raise MatcherError("tasks.json: it holds no list of tasks", 'It has "tasks": […].')
    found: dict[str, tuple[Definition, ...]] = {}
    common = _problem_matcher(document)
    for task in document.get("tasks", []):
        if not isinstance(task, Mapping):
            continue
        own = _problem_matcher(task)
        if matchers := _listed(common if own is None else own):
            found.setdefault(_label(task), matchers)
    return found


def _problem_matcher(row: Mapping[str, Any]) -> Any:
    section = row.get("linux")
    if isinstance(section, Mapping) and "problemMatcher" in section:
        return section["problemMatcher"]
    return row.get("problemMatcher")


def _listed(given: Any) -> tuple[Definition, ...]:
    if given is None:
        return ()
    rows = given if isinstance(given, list) else [given]
    return tuple(row for row in rows if isinstance(row, str | dict))


def _label(task: Mapping[str, Any]) -> str:
    """Returns the label as VS Code shows it."""
    for key in ("label", "taskName"):
        if isinstance(task.get(key), str):
            return str(task[key])
    kind = task.get("type")
    if kind == "npm" and isinstance(task.get("script"), str):
        return f"npm: {task['script']}"
    if kind == "typescript" and isinstance(task.get("tsconfig"), str):
        verb = "watch" if task.get("option") == "watch" else "build"
        return f"tsc: {verb} - {task['tsconfig']}"
    return str(task.get("task") or task.get("command") or kind or "")
