"""`buildd completion`: scripts for shells."""

from __future__ import annotations

import argparse

from buildd_cli.completion import SHELLS

HELP = """
Print a script that teaches a shell to complete buildd's commands, their options, and the tasks
and environments of the project one is in.

examples:
  buildd completion bash >~/.local/share/bash-completion/completions/buildd
  buildd completion zsh >"${fpath[1]}/_buildd"
  buildd completion fish >~/.config/fish/completions/buildd.fish

exit status: 0.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=sorted(SHELLS), help="the shell")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    print(SHELLS[arguments.shell](), end="")
    return 0
