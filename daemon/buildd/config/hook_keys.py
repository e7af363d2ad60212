"""The keys `on-create` and `on-start` → steps of hooks, and the scripts that they name."""

from __future__ import annotations

import os
import posixpath
import shlex
from collections.abc import Iterator

from buildd.config.key_positions import Path
from buildd.config.section import Section
from buildd.config.toml_file import HookTable
from buildd.config.values import check_text
from buildd.model import Command, Environment, Hook, Steps

_SCRIPTS = (".sh", ".bash", ".zsh", ".fish", ".py", ".pl", ".rb", ".js", ".mjs", ".cjs", ".ts")
"""How files end that a hook would run, whether or not they are there yet."""


def to_steps(key: str, table: HookTable, section: Section) -> Steps:
    """One command is one step; of a table each entry is, and the commands of a table in it share
    theirs."""
    if not isinstance(table, dict):
        return ((_hook(key, (), table, section),),) if table else ()
    steps = []
    for name, entry in table.items():
        if isinstance(entry, dict):
            step = tuple(_hook(key, (name, inner), one, section) for inner, one in entry.items())
        else:
            step = (_hook(key, (name,), entry, section),)
        steps.append(step)
    return tuple(filter(None, steps))


def named_scripts(environment: Environment, directory: str) -> list[str]:
    """The files of the project in `directory` that hooks run by name: whoever changes one changes
    what is run."""
    root = environment.project_target or directory
    found: dict[str, None] = {}
    for step in (*environment.on_create, *environment.on_start):
        for hook in step:
            found |= dict.fromkeys(scripts_of(hook.command, root, directory))
    return list(found)


def scripts_of(command: Command, root: str, directory: str) -> Iterator[str]:
    """The same of one command, which is run where the project is at `root`."""
    for word in _words(command):
        path = posixpath.normpath(posixpath.join(root, word))
        if path.startswith(f"{root}/"):
            file = os.path.join(directory, path[len(root) + 1 :])
            if word.endswith(_SCRIPTS) or _is_executable(file):
                yield file


def _hook(key: str, name: Path, command: Command, section: Section) -> Hook:
    arguments = (command,) if isinstance(command, str) else command
    if not arguments or not arguments[0].strip():
        section.bad((key, *name), "is empty", "Give it a command, or leave it out.")
    for argument in arguments:
        section.attempt((key, *name), check_text, argument, "")
    return Hook(command=command, name=tuple(map(str, name)))


def _words(command: Command) -> Iterator[str]:
    """What a shell would take apart; the arguments of a list too, for one may be a shell's."""
    if not isinstance(command, str):
        yield from command
    for text in (command,) if isinstance(command, str) else command:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        lexer.commenters = ""
        try:
            yield from lexer
        except ValueError:  # a quotation mark too many
            yield from text.split()


def _is_executable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
