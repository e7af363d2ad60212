"""Completion scripts for shells, made from the commands' parsers, and the answers they ask for."""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Callable

from buildd.base.safe_open import read_regular
from buildd_cli.arguments import all_parsers
from buildd_cli.commands import COMMANDS

_FILE_LIMIT = 256 << 10
"""Bytes of a buildd.toml, as the daemon has it."""

NAMES = {
    "run": "tasks",
    "image": "images",
    "watch": "tasks",
    "ci": "tasks",
    "verify": "tasks",
    "try": "tasks",
    "history": "tasks",
    "logs": "tasks",
    "cancel": "tasks",
    "up": "environments",
    "down": "environments",
}
"""The kind of names that each command's first argument can be."""

WORDS = {"completion": "bash zsh fish", "daemon": "start stop restart status run"}
"""The words that a command's first argument can be, if they are always the same."""


def answer(project: str, words: list[str]) -> int:
    """Print the names that a completion script asks for; return the exit status.

    These are the `tasks`, `environments` or `images` of the current project. This reads the
    configuration itself, so that pressing Tab never starts a daemon.
    """
    directory = os.path.abspath(project or os.curdir)
    while not os.path.isfile(os.path.join(directory, "buildd.toml")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return 0
        directory = parent
    try:
        text = read_regular(os.path.join(directory, "buildd.toml"), _FILE_LIMIT).decode()
        found = tomllib.loads(text).get(words[0] if words else "", {})
    except (OSError, ValueError, RecursionError):
        return 0
    if isinstance(found, dict):
        print("\n".join(found))
    return 0


def options() -> dict[str, list[tuple[str, str]]]:
    """Return each command's long options with their help."""
    return {
        name: [
            (option, (action.help or "").replace("'", ""))
            for action in parser._actions  # noqa: SLF001 (argparse has no public way to look)
            for option in action.option_strings
            if option.startswith("--")
        ]
        for name, parser in all_parsers().items()
    }


def bash() -> str:
    """Return the completion script for bash; it uses only bash's builtins."""
    cases = []
    for name, found in options().items():
        words = " ".join(option for option, _ in found)
        if name in NAMES:
            words += f" $(buildd __complete {NAMES[name]} 2>/dev/null)"
        elif name in WORDS:
            words += f" {WORDS[name]}"
        cases.append(f'        {name}) words="{words}" ;;')
    return f"""\
# bash completion for buildd
_buildd() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} command= words= index
    for ((index = 1; index < COMP_CWORD; index++)); do
        case ${{COMP_WORDS[index]}} in
        -C | --project) ((index++)) ;;
        -*) ;;
        *) command=${{COMP_WORDS[index]}}; break ;;
        esac
    done
    case $command in
        "") words="{" ".join(COMMANDS)} --project --version --help" ;;
{chr(10).join(cases)}
    esac
    if [[ $command == exec && $current != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    fi
}}
complete -o default -F _buildd buildd
"""


def zsh() -> str:
    """Return the completion script for zsh."""
    commands = "\n".join(
        f"        {shlex.quote(f'{name}:{summary}')}" for name, summary in COMMANDS.items()
    )
    cases = []
    for name, found in options().items():
        specifications = " ".join(f"'{option}[{_zsh(text)}]'" for option, text in found)
        rest = "'*::file:_files'"
        if name in NAMES:
            rest = f'"1:name:($(buildd __complete {NAMES[name]} 2>/dev/null))"'
        elif name in WORDS:
            rest = f"'1:word:({WORDS[name]})'"
        elif name == "exec":
            rest = "'*::command:_normal'"
        cases.append(f"        {name}) _arguments {specifications} {rest} ;;")
    return f"""\
#compdef buildd
_buildd() {{
    local -a commands
    commands=(
{commands}
    )
    local context state line
    _arguments -C '--version[print the version]' '--help[print help]' \\
        '(-C --project)'{{-C,--project}}'[run as if started there]:directory:_files -/' \\
        '1:command:->command' '*::argument:->argument'
    if [[ $state == command ]]; then
        _describe command commands
        return
    fi
    case $line[1] in
{chr(10).join(cases)}
    esac
}}
_buildd "$@"
"""


def fish() -> str:
    """Return the completion script for fish."""
    lines = ["# fish completion for buildd", "complete -c buildd -f"]
    lines += [
        f"complete -c buildd -n __fish_use_subcommand -a {name} -d '{_fish(summary)}'"
        for name, summary in COMMANDS.items()
    ]
    for name, found in options().items():
        seen = f"complete -c buildd -n '__fish_seen_subcommand_from {name}'"
        lines += [f"{seen} -l {option[2:]} -d '{_fish(text)}'" for option, text in found]
        if name in NAMES:
            lines.append(f"{seen} -a '(buildd __complete {NAMES[name]} 2>/dev/null)'")
        elif name in WORDS:
            lines.append(f"{seen} -a '{WORDS[name]}'")
        elif name == "exec":
            lines.append(f"{seen} -a '(__fish_complete_subcommand)'")
    return "\n".join(lines) + "\n"


def _zsh(text: str) -> str:
    return text.replace("[", "(").replace("]", ")").replace(":", " ").replace("'", "")


def _fish(text: str) -> str:
    return text.replace("'", "\\'")


SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "fish": fish, "zsh": zsh}
"""The functions that make the scripts, by shell."""
