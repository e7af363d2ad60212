"""`buildd exec`: run a command in the warm environment, as if it ran here."""

from __future__ import annotations

import os

from buildd.errors import BuilddError
from buildd_cli.directory import absolute, project_of
from buildd_cli.execution import command as execution

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

HELP = """
Run a command in the project's warm environment, as if it ran here.

Use it for one command, in scripts too; `buildd shell` opens a shell. The command gets your input,
and its output and exit status are passed on unchanged. It runs in the current directory, as seen in
the container, and without a shell in between: for pipes and variables use `sh -c`.

examples:
  buildd exec -- make -j4
  buildd exec -- sh -c 'echo $CC; cc --version'
  buildd exec -w src -e CFLAGS=-O0 -- make
  tar c . | buildd exec -- tar t | head
  buildd exec vim main.c

On a terminal, the command gets a terminal too: colours, full-screen programs, Ctrl-C and the
window's size work as usual. Otherwise, or with -T, the command runs in pipes and signals are passed
on: the first one interrupts the command (SIGTERM and SIGKILL follow if it goes on), the second one
kills it at once.

exit status: the command's own, or 128+N if signal N ended it; 125 if buildd itself failed; 126 if
the command cannot be executed; 127 if the environment has no such command.
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
        help="give the command a terminal, even if you have none (default: if you have one)",
    )
    parser.add_argument(
        "-T", dest="terminal", action="store_false", help="run in pipes, even on a terminal"
    )
    parser.add_argument("-n", "--no-stdin", action="store_true", help="do not read standard input")
    parser.add_argument(
        "--of",
        metavar="PROJECT",
        help="use the environment of this project; if the current directory is outside the "
        "project, run in the project's directory",
    )
    parser.add_argument("command", nargs="...", metavar="COMMAND", help="the command to run")


def run_plainly(project: str, command: list[str], *, of: str = "", env: str = "") -> int:
    """Run the command without parsing more options; return its exit status.

    `project` is the directory of `-C`; `of` and `env` are the options of these names.
    """
    _check(command)
    directory = absolute(project)
    owner = absolute(project, of)
    work = execution.Execution(owner, _within(owner, directory) if of else directory, env, [])
    if execution.has_terminal():
        return work.in_terminal(command, forced=False)
    return work.in_pipes(command, stdin=True)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    from buildd_cli import consent

    command = arguments.command
    if command[:1] == ["--"]:
        command = command[1:]
    _check(command)
    if arguments.terminal and arguments.no_stdin:
        raise BuilddError("exec: -t and -n exclude each other", "Leave one of them out.")
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
        raise BuilddError("exec: no command given", "Add one, as in `buildd exec -- make`.")


def _directory(arguments: argparse.Namespace, project: str) -> str:
    directory = project_of(arguments, arguments.directory)
    if not arguments.of or arguments.directory:
        return directory
    return _within(project, directory)


def _within(project: str, directory: str) -> str:
    """Return the directory if it is in the project, else the project's own directory."""
    from buildd.base.containment import is_below  # here: most commands start without it

    root = os.path.realpath(project)
    return directory if is_below(os.path.realpath(directory), root) else root
