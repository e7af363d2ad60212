"""`buildd completion`: print a completion script for a shell."""

from __future__ import annotations

import argparse
import os

from buildd.errors import BuilddError
from buildd_cli.completion import SHELLS, install

HELP = """
Print or install a script with which a shell completes buildd's commands and options.

It also completes the tasks and environments of the current project. `--install` writes it where
the shell looks for completion scripts; open a new shell then.

examples:
  buildd completion --install        for the shell of $SHELL, in your home directory
  buildd completion fish --install
  buildd completion bash             prints the script

exit status: 0; 125 where buildd failed.
"""

FOR_ZSH = """\
zsh looks there once these lines are in ~/.zshrc, before `compinit` if that is there already:
  fpath=({folder} $fpath)
  autoload -Uz compinit && compinit
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "shell",
        choices=sorted(SHELLS),
        nargs="?",
        help="the shell to write the script for (default: that of $SHELL)",
    )
    parser.add_argument(
        "--install", action="store_true", help="write the script where the shell looks for it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the script, or install it."""
    shell = arguments.shell or os.path.basename(os.environ.get("SHELL", ""))
    if shell not in SHELLS:
        raise BuilddError(
            f"no completion for the shell `{shell}`" if shell else "$SHELL names no shell",
            "Name bash, fish or zsh.",
        )
    if not arguments.install:
        print(SHELLS[shell](), end="")
        return 0
    path = install(shell)
    print(path)
    if shell == "zsh":
        print(FOR_ZSH.format(folder=os.path.dirname(path)), end="")
    return 0
