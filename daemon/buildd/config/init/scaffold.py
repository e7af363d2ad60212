"""What `buildd init` writes: buildd.toml and build.Dockerfile for what a directory holds."""

from __future__ import annotations

import os
import re

from buildd.base.atomic_write import replace_file
from buildd.config.foreign.convert import draft_of, written
from buildd.config.init.proposal import ProjectDirectory, Proposal, TaskProposal
from buildd.config.init.toolchains import PLAIN, TOOLCHAINS
from buildd.config.toml_text import inline, string
from buildd.errors import BuilddError
from buildd.model import Frozen

UNKNOWN = "plain"
"""What a directory is taken for that tells nothing."""


class Scaffold(Frozen, frozen=True):
    """`kind` says what the directory was taken for; `files` are the texts to write, by name."""

    kind: str
    files: dict[str, str]


def propose(directory: str) -> Scaffold:
    """Decide from the names of the files in `directory`, and a little of their content. Writes
    nothing. An existing build.Dockerfile is used as it is.

    Raises BuilddError if the directory cannot be read.
    """
    tree = _tree(directory)
    kind, recipe = recognised(tree)
    present = tree.text("build.Dockerfile") if "build.Dockerfile" in tree.names else None
    files = {"buildd.toml": _toml(recipe, present)}
    if present is None:
        files["build.Dockerfile"] = recipe.dockerfile
    return Scaffold(kind=kind, files=files)


_NO_TASKS = (
    "",
    "# Say here what `buildd build` runs:",
    "# [tasks.build]",
    '# run = "make"',
    '# on-save = ["*.c", "*.h"]  # or true, for every file',
)


def convert(directory: str, file: str) -> Scaffold:
    """A buildd.toml that means what another tool's file means, with the tasks that the directory
    asks for. Writes nothing. Raises BuilddError where there is nothing to be converted."""
    draft = draft_of(directory, file)
    if draft.errors:
        raise draft.errors[0]
    _, recipe = recognised(_tree(directory))
    lines = [f"# From {os.path.relpath(file, directory)}; from now on, buildd reads this file."]
    lines += written(draft)
    for task in recipe.tasks:
        lines += task_lines(task)
    if not recipe.tasks:
        lines += _NO_TASKS
    return Scaffold(kind=os.path.basename(file), files={"buildd.toml": "\n".join(lines) + "\n"})


def recognised(tree: ProjectDirectory) -> tuple[str, Proposal]:
    """What the directory is taken for, and how that is built."""
    return next(
        ((kind, found) for kind, look in TOOLCHAINS.items() if (found := look(tree))),
        (UNKNOWN, PLAIN),
    )


def write(directory: str, scaffold: Scaffold, *, force: bool = False) -> list[str]:
    """Write the files and return their paths. Raises BuilddError, before anything is written, if
    one is there already and not `force`; and if one cannot be written."""
    paths = {os.path.join(directory, name): text for name, text in scaffold.files.items()}
    for path in paths:
        if os.path.lexists(path) and not force:
            raise BuilddError(
                f"{path} is there already", "Edit it, or overwrite it with `buildd init --force`."
            )
    for path, text in paths.items():
        try:
            replace_file(path, text.encode(), mode=0o666)
        except OSError as error:
            raise BuilddError(
                f"{path} cannot be written: {error.strerror}",
                "Look at the permissions of the directory.",
            ) from error
    return list(paths)


def _tree(directory: str) -> ProjectDirectory:
    try:
        return ProjectDirectory(directory, frozenset(os.listdir(directory)))
    except OSError as error:
        raise BuilddError(
            f"{directory} cannot be read: {error.strerror}", "Name a directory of yours."
        ) from error


_COPIES = re.compile(r"^\s*(?:COPY|ADD)\s+(?!.*--from=)", re.IGNORECASE | re.MULTILINE)


def _toml(recipe: Proposal, present: str | None) -> str:
    """The text of buildd.toml; `present` is the build.Dockerfile that is there already."""
    lines = [
        "# How this project is built. Every build runs in a container of the image that",
        "# build.Dockerfile defines; the project is seen there at the same path as here.",
        "",
        "[environments.build]",
        'dockerfile = "build.Dockerfile"',
    ]
    if present is not None and _COPIES.search(present):
        lines.append('context = "."  # what its COPY and ADD see')
    if recipe.caches:
        lines.append("# These directories outlive the container and the image.")
        lines.append(f"caches = {inline(recipe.caches)}")
    if recipe.env:
        lines.append(f"env = {inline(recipe.env)}")
    for task in recipe.tasks:
        lines += task_lines(task)
    if not recipe.tasks:
        lines += _NO_TASKS
    return "\n".join(lines) + "\n"


def task_lines(task: TaskProposal) -> list[str]:
    lines = [""]
    if task.comment:
        lines.append(f"# {task.comment}")
    lines += [f"[tasks.{task.name}]", f"run = {string(task.run)}"]
    if task.on_save:
        lines.append(f"on-save = [{', '.join(map(string, task.on_save))}]")
    return lines
