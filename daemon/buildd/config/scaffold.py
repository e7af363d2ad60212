"""What `buildd init` writes: buildd.toml and build.Dockerfile for what a directory holds."""

from __future__ import annotations

import contextlib
import json
import os
import re

from buildd.config.recipe import Recipe, TaskRecipe, Tree
from buildd.config.toolchains import PLAIN, TOOLCHAINS
from buildd.errors import BuilddError
from buildd.model import Frozen


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
    kind, recipe = next(
        ((kind, found) for kind, look in TOOLCHAINS.items() if (found := look(tree))),
        ("plain", PLAIN),
    )
    present = tree.text("build.Dockerfile") if "build.Dockerfile" in tree.names else None
    files = {"buildd.toml": _toml(recipe, present)}
    if present is None:
        files["build.Dockerfile"] = recipe.dockerfile
    return Scaffold(kind=kind, files=files)


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
            _write(path, text)
        except OSError as error:
            raise BuilddError(
                f"{path} cannot be written: {error.strerror}",
                "Look at the permissions of the directory.",
            ) from error
    return list(paths)


def _write(path: str, text: str) -> None:
    """The file is the old one or the new one, whole; a link is replaced, not followed."""
    new = f"{path}.new-{os.getpid()}"
    try:
        with open(new, "x", encoding="utf-8") as file:
            file.write(text)
        os.replace(new, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)


def _tree(directory: str) -> Tree:
    try:
        return Tree(directory, frozenset(os.listdir(directory)))
    except OSError as error:
        raise BuilddError(
            f"{directory} cannot be read: {error.strerror}", "Name a directory of yours."
        ) from error


_COPIES = re.compile(r"^\s*(?:COPY|ADD)\s+(?!.*--from=)", re.IGNORECASE | re.MULTILINE)


def _toml(recipe: Recipe, present: str | None) -> str:
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
        lines.append(f"caches = {_inline(recipe.caches)}")
    if recipe.env:
        lines.append(f"env = {_inline(recipe.env)}")
    for task in recipe.tasks:
        lines += _task(task)
    if not recipe.tasks:
        lines += [
            "",
            "# Say here what `buildd build` runs:",
            "# [tasks.build]",
            '# run = "make"',
            '# on-save = ["*.c", "*.h"]  # or true, for every file',
        ]
    return "\n".join(lines) + "\n"


def _task(task: TaskRecipe) -> list[str]:
    lines = [""]
    if task.comment:
        lines.append(f"# {task.comment}")
    lines += [f"[tasks.{task.name}]", f"run = {_string(task.run)}"]
    if task.on_save:
        lines.append(f"on-save = [{', '.join(map(_string, task.on_save))}]")
    return lines


def _inline(table: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {_string(value)}" for key, value in table.items()) + " }"


def _string(text: str) -> str:
    """A TOML string; a literal one where that spares backslashes."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
