"""`buildd shell`: a shell in the warm environment."""

from __future__ import annotations

from buildd_cli import execution
from buildd_cli.directory import project_of

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

HELP = """
Open a shell in the project's warm environment, in the present directory as seen from inside:
what SHELL names there, else bash where the image has it, else sh. Its history outlives the
container.

examples:
  buildd shell
  buildd shell --env cross
  echo 'make && ./test' | buildd shell

exit status: the shell's own; 125 where buildd itself failed.
"""

_SHELL = '[ -x "$SHELL" ] && exec "$SHELL"; command -v bash >/dev/null 2>&1 && exec bash; exec sh'


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    execution.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Be in it; its exit status."""
    work = execution.Execution(
        project_of(arguments),
        project_of(arguments, arguments.directory),
        arguments.env,
        arguments.variables,
    )
    command = ["/bin/sh", "-c", _SHELL]
    if execution.has_terminal():
        return work.in_terminal(command, forced=True, keep_history=True)
    return work.in_pipes(command, stdin=True)
