"""This module writes the buildd.toml and build.Dockerfile of `buildd init`."""

from __future__ import annotations

import os
import re

from buildd.base.atomic_write import replace_file
from buildd.config.foreign.convert import read_draft, toml_lines
from buildd.config.init.proposal import ProjectDirectory, Proposal, TaskProposal
from buildd.config.init.toolchains import PLAIN, TOOLCHAINS
from buildd.config.toml_text import inline, string
from buildd.errors import BuilddError
from buildd.model import Frozen

UNKNOWN = "plain"
"""The kind of a directory without a known toolchain."""


class Scaffold(Frozen, frozen=True):
    """The files to write, by name, with the kind of toolchain that was found."""

    kind: str
    files: dict[str, str]


def propose(directory: str) -> Scaffold:
    """Propose files for a directory from the names and beginnings of its files.

    It writes nothing. An existing build.Dockerfile is kept. Raises BuilddError if the directory
    cannot be read.
    """
    tree = _tree(directory)
    kind, proposal = find_toolchain(tree)
    present = tree.text("build.Dockerfile") if "build.Dockerfile" in tree.names else None
    files = {"buildd.toml": _toml(proposal, present)}
    if present is None:
        files["build.Dockerfile"] = proposal.dockerfile
    return Scaffold(kind=kind, files=files)


_NO_TASKS = (
    "",
    "# Add the command that `buildd build` runs:",
    "# [tasks.build]",
    '# run = "make"',
    '# on-save = ["*.c", "*.h"]  # or true, for every file',
)


def convert(directory: str, file: str) -> Scaffold:
    """Return a buildd.toml with the same meaning as another tool's file, and the usual tasks.

    It writes nothing. Raises BuilddError if the file cannot be converted.
    """
    draft = read_draft(directory, file)
    if draft.errors:
        raise draft.errors[0]
    _, proposal = find_toolchain(_tree(directory))
    lines = [
        f"# Converted from {os.path.relpath(file, directory)}. buildd now reads this file instead."
    ]
    lines += toml_lines(draft)
    for task in proposal.tasks:
        lines += task_lines(task)
    if not proposal.tasks:
        lines += _NO_TASKS
    return Scaffold(kind=os.path.basename(file), files={"buildd.toml": "\n".join(lines) + "\n"})


def find_toolchain(tree: ProjectDirectory) -> tuple[str, Proposal]:
    """Return the kind of the directory's toolchain, and its proposal."""
    return next(
        (
            (kind, proposal)
            for kind, toolchain in TOOLCHAINS.items()
            if (proposal := toolchain(tree))
        ),
        (UNKNOWN, PLAIN),
    )


def write(directory: str, scaffold: Scaffold, *, force: bool = False) -> list[str]:
    """Write the files and return their paths.

    Raises BuilddError, before it writes anything, if a file exists and `force` is not set; and if a
    file cannot be written.
    """
    paths = {os.path.join(directory, name): text for name, text in scaffold.files.items()}
    for path in paths:
        if os.path.lexists(path) and not force:
            raise BuilddError(
                f"{path} already exists", "Edit it, or overwrite it with `buildd init --force`."
            )
    for path, text in paths.items():
        try:
            replace_file(path, text.encode(), mode=0o666)
        except OSError as error:
            raise BuilddError(
                f"cannot write {path}: {error.strerror}",
                "Check the permissions of the directory.",
            ) from error
    return list(paths)


def _tree(directory: str) -> ProjectDirectory:
    try:
        return ProjectDirectory(directory, frozenset(os.listdir(directory)))
    except OSError as error:
        raise BuilddError(
            f"cannot read {directory}: {error.strerror}", "Name a directory that you can read."
        ) from error


_COPIES = re.compile(r"^\s*(?:COPY|ADD)\s+(?!.*--from=)", re.IGNORECASE | re.MULTILINE)


def _toml(proposal: Proposal, present: str | None) -> str:
    """Return the text of buildd.toml; `present` is the text of an existing build.Dockerfile."""
    lines = [
        "# Builds of this project run in a container whose image build.Dockerfile defines.",
        "# The project has the same path in the container as on the host.",
        "",
        "[environments.build]",
        'dockerfile = "build.Dockerfile"',
    ]
    if present is not None and _COPIES.search(present):
        lines.append('context = "."  # the files that COPY and ADD can use')
    if proposal.caches:
        lines.append("# These directories are kept when the container or the image is replaced.")
        lines.append(f"caches = {inline(proposal.caches)}")
    if proposal.env:
        lines.append(f"env = {inline(proposal.env)}")
    for task in proposal.tasks:
        lines += task_lines(task)
    if not proposal.tasks:
        lines += _NO_TASKS
    return "\n".join(lines) + "\n"


def task_lines(task: TaskProposal) -> list[str]:
    """Return the lines of a task in buildd.toml."""
    lines = [""]
    if task.comment:
        lines.append(f"# {task.comment}")
    lines += [f"[tasks.{task.name}]", f"run = {string(task.run)}"]
    if task.on_save:
        lines.append(f"on-save = [{', '.join(map(string, task.on_save))}]")
    return lines
