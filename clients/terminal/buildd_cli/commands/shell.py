"""`buildd shell`: open a shell in the warm environment."""

from __future__ import annotations

from buildd_cli.directory import project_of
from buildd_cli.execution import command as execution

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

HELP = """
Open a shell in the project's warm environment, in the current directory as seen in the container.

The shell is the one that SHELL names in the environment, else bash, else sh. Its command history is
kept when the container is replaced.

examples:
  buildd shell
  buildd shell --env cross
  echo 'make && ./test' | buildd shell

exit status: the shell's own; 125 if buildd itself failed.
"""

_SHELL = '[ -x "$SHELL" ] && exec "$SHELL"; command -v bash >/dev/null 2>&1 && exec bash; exec sh'


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    execution.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the shell; return its exit status."""
    from buildd_cli import consent

    project = project_of(arguments)
    work = execution.Execution(
        project,
        project_of(arguments, arguments.directory),
        arguments.env,
        arguments.variables,
    )
    consent.give(arguments, work.connection, project)
    command = ["/bin/sh", "-c", _SHELL]
    if execution.has_terminal():
        return work.in_terminal(command, forced=True, keep_history=True)
    return work.in_pipes(command, stdin=True)
