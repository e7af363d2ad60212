"""`buildd exec`: a command in the warm environment, as if it ran here."""

from __future__ import annotations

import os

from buildd.errors import BuilddError
from buildd_cli import execution
from buildd_cli.directory import current_directory, project_of

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

HELP = """
Run a command in the project's warm environment: its input, output and exit status are the
command's own. No shell is between; the directory is the present one, seen from inside.

examples:
  buildd exec -- make -j4
  buildd exec -- sh -c 'echo $CC; cc --version'
  buildd exec -w src -e CFLAGS=-O0 -- make
  tar c . | buildd exec -- tar t | head
  buildd exec vim main.c

At a terminal the command has a terminal: colours, full-screen programs, Ctrl-C and the window's
size are as here. In pipes, which -T asks for, signals are passed on: the first interrupts the
command (then terminates and kills it), the second kills it at once.

exit status: the command's own, 128+N where signal N ended it; 125 where buildd itself failed,
127 where the environment has no such command.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.usage = "buildd exec [options] [--] COMMAND [ARGUMENT ...]"
    execution.configure(parser)
    parser.add_argument(
        "-t",
        dest="terminal",
        action="store_true",
        default=None,
        help="in a terminal, even if we have none (default: if we have one)",
    )
    parser.add_argument(
        "-T", dest="terminal", action="store_false", help="in pipes, even if we have a terminal"
    )
    parser.add_argument(
        "-n", "--no-stdin", action="store_true", help="leave our standard input alone"
    )
    parser.add_argument(
        "--of",
        metavar="PROJECT",
        help="that project's command; in its directory, where ours is outside it",
    )
    parser.add_argument("command", nargs="...", metavar="COMMAND", help="the command to run")


def run_plainly(project: str, command: list[str], *, of: str = "", env: str = "") -> int:
    """Run it as with no option but these; its exit status."""
    _check(command)
    directory = os.path.normpath(os.path.join(current_directory(), project))
    owner = os.path.normpath(os.path.join(directory, of))
    work = execution.Execution(owner, _within(owner, directory) if of else directory, env, [])
    if execution.has_terminal():
        return work.in_terminal(command, forced=False)
    return work.in_pipes(command, stdin=True)


def run(arguments: argparse.Namespace) -> int:
    """Run it; its exit status."""
    command = arguments.command
    if command[:1] == ["--"]:
        command = command[1:]
    _check(command)
    if arguments.terminal and arguments.no_stdin:
        raise BuilddError("exec: -t and -n exclude each other", "A terminal is an input.")
    from buildd_cli import consent  # here: `run_plainly` starts without it

    project = project_of(arguments, arguments.of)
    work = execution.Execution(
        project,
        _directory(arguments, project),
        arguments.env,
        arguments.variables,
    )
    consent.give(arguments, work.connection, project)
    forced = bool(arguments.terminal)
    if forced or (
        arguments.terminal is None and not arguments.no_stdin and execution.has_terminal()
    ):
        return work.in_terminal(command, forced=forced)
    return work.in_pipes(command, stdin=not arguments.no_stdin)


def _check(command: list[str]) -> None:
    if not command:
        raise BuilddError("exec: no command", "As in `buildd exec -- make`.")


def _directory(arguments: argparse.Namespace, project: str) -> str:
    directory = project_of(arguments, arguments.directory)
    if not arguments.of or arguments.directory:
        return directory
    return _within(project, directory)


def _within(project: str, directory: str) -> str:
    """The directory, or the project's where that one is outside it."""
    from buildd.base.containment import is_below  # here: most commands start without it

    root = os.path.realpath(project)
    return directory if is_below(os.path.realpath(directory), root) else root
