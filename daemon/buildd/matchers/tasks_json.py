"""The problem matchers that the tasks in a `.vscode/tasks.json` name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buildd.base.json_text import parse_json
from buildd.base.jsonc import plain
from buildd.matchers.base import MatcherError

Told = str | dict[str, Any]
"""A definition: a name behind a `$`, or an object."""


def matchers_of_tasks_json(text: str) -> dict[str, tuple[Told, ...]]:
    """By the label of the task, in the file's order; tasks that name none are not there. On
    Linux: what a `linux` section says holds. Raises MatcherError where it is no such file."""
    try:
        document = parse_json(plain(text))
    except ValueError as error:
        raise MatcherError(f"tasks.json: {error}", "Mend the file.") from None
    if not isinstance(document, Mapping) or not isinstance(document.get("tasks", []), list):
        raise MatcherError("tasks.json: it holds no list of tasks", 'It has "tasks": […].')
    found: dict[str, tuple[Told, ...]] = {}
    common = _told(document)
    for task in document.get("tasks", []):
        if not isinstance(task, Mapping):
            continue
        told = _told(task)
        if matchers := _listed(common if told is None else told):
            found.setdefault(_label(task), matchers)
    return found


def _told(row: Mapping[str, Any]) -> Any:
    section = row.get("linux")
    if isinstance(section, Mapping) and "problemMatcher" in section:
        return section["problemMatcher"]
    return row.get("problemMatcher")


def _listed(told: Any) -> tuple[Told, ...]:
    if told is None:
        return ()
    rows = told if isinstance(told, list) else [told]
    return tuple(one for one in rows if isinstance(one, str | dict))


def _label(task: Mapping[str, Any]) -> str:
    """As VS Code shows the task."""
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
