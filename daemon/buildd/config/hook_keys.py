"""This module turns `on-create` and `on-start` into steps, and finds the scripts that they run."""

from __future__ import annotations

import os
import posixpath
import shlex
from collections.abc import Iterator

from buildd.base.containment import relative_to
from buildd.config.environment_keys import HookTable
from buildd.config.key_positions import Path
from buildd.config.section import Section
from buildd.config.values import check_text
from buildd.model import Command, Environment, Hook, Steps

_SCRIPTS = (".sh", ".bash", ".zsh", ".fish", ".py", ".pl", ".rb", ".js", ".mjs", ".cjs", ".ts")
"""Endings of files that a hook may run, also if they do not exist yet."""


def to_steps(key: str, table: HookTable, section: Section) -> Steps:
    """Return the steps of the hooks at `key`.

    A command is one step. Each entry of a table is a step; the commands of a table in an entry
    belong to the same step.
    """
    if not isinstance(table, dict):
        return ((_hook(key, (), table, section),),) if table else ()
    steps = []
    for name, entry in table.items():
        if isinstance(entry, dict):
            step = tuple(
                _hook(key, (name, inner), command, section) for inner, command in entry.items()
            )
        else:
            step = (_hook(key, (name,), entry, section),)
        steps.append(step)
    return tuple(filter(None, steps))


def named_scripts(environment: Environment, directory: str) -> list[str]:
    """Return the files of the project that hooks run by name, because consent must cover them.

    `directory` is the project's path on the host.
    """
    root = environment.project_target or directory
    found: dict[str, None] = {}
    for step in (*environment.on_create, *environment.on_start):
        for hook in step:
            found |= dict.fromkeys(scripts_of(hook.command, root, directory))
    return list(found)


def scripts_of(command: Command, root: str, directory: str) -> Iterator[str]:
    """Yield the files that one command runs by name, with the project at `root`."""
    for word in _words(command):
        path = posixpath.normpath(posixpath.join(root, word))
        if inside := relative_to(path, root):
            file = os.path.join(directory, inside)
            if word.endswith(_SCRIPTS) or _is_executable(file):
                yield file


def _hook(key: str, name: Path, command: Command, section: Section) -> Hook:
    arguments = (command,) if isinstance(command, str) else command
    if not arguments or not arguments[0].strip():
        section.add_key_error((key, *name), "is empty", "Write a command, or remove the key.")
    for argument in arguments:
        section.attempt((key, *name), check_text, argument, "")
    return Hook(command=command, name=tuple(map(str, name)))


def _words(command: Command) -> Iterator[str]:
    """Yield the words of a command as a shell splits them; an argument may be a script too."""
    if not isinstance(command, str):
        yield from command
    for text in (command,) if isinstance(command, str) else command:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        lexer.commenters = ""
        try:
            yield from lexer
        except ValueError:  # a quotation mark is not closed
            yield from text.split()


def _is_executable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
