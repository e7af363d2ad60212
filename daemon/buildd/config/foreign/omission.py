"""What buildd cannot use of another tool's file is left out, with a remark at its line.

Only what an environment cannot do without makes the file an error: its image, and where the project
is in it.
"""

from __future__ import annotations

from bisect import bisect_left

from buildd.config.fit import Problem
from buildd.config.foreign.draft import Draft
from buildd.config.from_toml import to_project
from buildd.config.key_positions import Origin, Path, dotted
from buildd.model import ColumnUnit, Diagnostic, Severity, Span

_NEEDED = {"image", "dockerfile", "context", "mount"}

_COLLECTIONS = {
    "build-args",
    "cap-add",
    "caches",
    "env",
    "mounts",
    "rebuild-on",
    "secrets",
    "tmpfs",
}
"""Of these keys of an environment, only the part that is wrong is left out."""

ROUNDS = 10
"""Some problems show only once others are out of the way. What is left then is an error."""

_DEPTH = 3
"""The parts of the path of an environment's key: `environments`, its name, the key."""


def leave_out_unusable(draft: Draft) -> None:
    """Take what buildd cannot use out of the draft."""
    for _ in range(ROUNDS):
        if not (wrong := _unusable(draft)):
            return
        for problem in wrong.values():
            _remark(draft, problem)
        _remove(draft, set(wrong))


def describe(draft: Draft, problem: Problem) -> tuple[Origin, str]:
    """The place that a problem's key is from, and the problem in the words of that file."""
    origin = draft.origin(problem.path)
    message = problem.message
    for length in range(len(problem.path), 0, -1):
        message = message.replace(f"`{dotted(problem.path[:length])}`", f"`{origin.key}`")
    return origin, message


def _unusable(draft: Draft) -> dict[Path, Problem]:
    """What to leave out, by path, with the first problem of each."""
    problems: list[Problem] = []
    to_project(draft.directory, draft.files[0], draft.data, problems)
    found: dict[Path, Problem] = {}
    for problem in problems:
        path = problem.path
        if len(path) < _DEPTH or path[0] != "environments" or path[2] in _NEEDED:
            continue
        path = path[: _DEPTH + 1] if path[2] in _COLLECTIONS else path[:_DEPTH]
        if path in draft.origins:
            found.setdefault(path, problem)
    return found


def _remark(draft: Draft, problem: Problem) -> None:
    origin, message = describe(draft, problem)
    draft.remarks.append(
        Diagnostic(
            span=Span(
                file=origin.file,
                line=origin.line,
                column=origin.column,
                unit=ColumnUnit.CODE_POINT,
            ),
            severity=Severity.WARNING,
            message=f"{message}, and is left out. {problem.remedy}".strip(),
            source="buildd",
            code=origin.key,
        )
    )


def _remove(draft: Draft, removed: set[Path]) -> None:
    """Take these keys out, and the collections that are empty then."""
    for name, table in draft.data["environments"].items():
        for key in list(table):
            path: Path = ("environments", name, key)
            if path in removed:
                del table[key]
            elif isinstance(table[key], list):
                parts = enumerate(table[key])
                table[key] = [part for place, part in parts if (*path, place) not in removed]
            elif isinstance(table[key], dict):
                parts = table[key].items()
                table[key] = {part: value for part, value in parts if (*path, part) not in removed}
            if key in _COLLECTIONS and not table.get(key, True):
                del table[key]
    gone: dict[Path, list[int]] = {}
    for path in removed:
        if isinstance(path[-1], int):
            gone.setdefault(path[:-1], []).append(path[-1])
    for places in gone.values():
        places.sort()
    draft.origins = {
        _renumbered(path, gone): origin
        for path, origin in draft.origins.items()
        if not removed & {path[:_DEPTH], path[: _DEPTH + 1]}
    }


def _renumbered(path: Path, gone: dict[Path, list[int]]) -> Path:
    """The path, where places in lists are gone."""
    index = path[_DEPTH] if len(path) > _DEPTH else None
    if not isinstance(index, int):
        return path
    around = path[:_DEPTH]
    return (*around, index - bisect_left(gone.get(around, []), index), *path[_DEPTH + 1 :])
