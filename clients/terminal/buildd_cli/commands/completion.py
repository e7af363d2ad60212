"""`buildd completion`: print a completion script for a shell."""

from __future__ import annotations

import argparse

from buildd_cli.completion import SHELLS

HELP = """
Print a script with which a shell completes buildd's commands and options.

It also completes the tasks and environments of the current project. Save it where your shell looks
for completion scripts, and open a new shell.

examples:
  buildd completion bash >~/.local/share/bash-completion/completions/buildd
  buildd completion zsh >"${fpath[1]}/_buildd"
  buildd completion fish >~/.config/fish/completions/buildd.fish

exit status: 0.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=sorted(SHELLS), help="the shell to write the script for")


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    print(SHELLS[arguments.shell](), end="")
    return 0
