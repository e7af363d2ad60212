"""Completion scripts for shells, made from the commands' parsers, and the answers they ask for."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable

from buildd.errors import BuilddError
from buildd_cli.arguments import all_parsers
from buildd_cli.commands import COMMANDS

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


def answer(project: str, names: list[str]) -> int:
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
        with open(os.path.join(directory, "buildd.toml"), "rb") as file:
            found = tomllib.load(file).get(names[0] if names else "", {})
    except (OSError, ValueError):
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


def words() -> dict[str, str]:
    """The words that a command's first argument can be, where these are always the same."""
    return {
        name: " ".join(action.choices)
        for name, parser in all_parsers().items()
        for action in parser._actions  # noqa: SLF001 (argparse has no public way to look)
        if action.choices and not action.option_strings
    }


def bash() -> str:
    """Return the completion script for bash; it uses only bash's builtins."""
    cases, fixed = [], words()
    for name, found in options().items():
        after = " ".join(option for option, _ in found)
        if name in NAMES:
            after += f" $(buildd __complete {NAMES[name]} 2>/dev/null)"
        elif name in fixed:
            after += f" {fixed[name]}"
        cases.append(f'        {name}) words="{after}" ;;')
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
        f"        '{name}:{_described(summary)}'" for name, summary in COMMANDS.items()
    )
    cases, fixed = [], words()
    for name, found in options().items():
        specifications = " ".join(f"'{option}[{_zsh(text)}]'" for option, text in found)
        rest = "'*::file:_files'"
        if name in NAMES:
            rest = f'"1:name:($(buildd __complete {NAMES[name]} 2>/dev/null))"'
        elif name in fixed:
            rest = f"'1:word:({fixed[name]})'"
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
    fixed = words()
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
        elif name in fixed:
            lines.append(f"{seen} -a '{fixed[name]}'")
        elif name == "exec":
            lines.append(f"{seen} -a '(__fish_complete_subcommand)'")
    return "\n".join(lines) + "\n"


def install(shell: str) -> str:
    """Write the script where the shell finds it; return the path. Raises BuilddError."""
    home = os.path.expanduser("~")
    data = _base("XDG_DATA_HOME", f"{home}/.local/share")
    path = {
        "bash": f"{data}/bash-completion/completions/buildd",
        "fish": f"{_base('XDG_CONFIG_HOME', f'{home}/.config')}/fish/completions/buildd.fish",
        "zsh": f"{data}/zsh/site-functions/_buildd",
    }[shell]
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(SHELLS[shell]())
    except OSError as error:
        raise BuilddError(
            f"the completion cannot be written to {path}: {error.strerror}",
            f"Write it elsewhere: `buildd completion {shell} >FILE`.",
        ) from error
    return path


def _base(variable: str, otherwise: str) -> str:
    found = os.environ.get(variable, "")
    return found if os.path.isabs(found) else otherwise


def _described(text: str) -> str:
    """As zsh's `_describe` takes it, between single quotes."""
    return text.replace("\\", "\\\\").replace(":", "\\:").replace("'", "'\\''")


def _zsh(text: str) -> str:
    return text.replace("[", "(").replace("]", ")").replace(":", " ").replace("'", "")


def _fish(text: str) -> str:
    return text.replace("'", "\\'")


SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "fish": fish, "zsh": zsh}
"""The functions that make the scripts, by shell."""
