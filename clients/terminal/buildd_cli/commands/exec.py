"""`buildd exec`: a command in the warm environment, as if it ran here."""

from __future__ import annotations

import os

from buildd.errors import BuilddError
from buildd_cli.arguments import project_of
from buildd_cli.daemon import connect
from buildd_cli.interrupts import Interrupts
from buildd_cli.pumps import LINGER, Output, feed

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse
    from typing import Any

HELP = """
Run a command in the project's warm environment: its input, output and exit status are the
command's own. No shell is between; the directory is the present one, seen from inside.

examples:
  buildd exec -- make -j4
  buildd exec -- sh -c 'echo $CC; cc --version'
  buildd exec -w src -e CFLAGS=-O0 -- make
  tar c . | buildd exec -- tar t | head

Signals are passed on: the first interrupts the command (then terminates and kills it, 2 s apart),
the second kills it at once.

exit status: the command's own, 128+N where signal N ended it; 125 where buildd itself failed,
127 where the environment has no such command.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.usage = "buildd exec [options] [--] COMMAND [ARGUMENT ...]"
    parser.add_argument("--env", default="", metavar="NAME", help="the environment to run in")
    parser.add_argument("-w", "--directory", metavar="DIR", help="where to run, on this host")
    parser.add_argument(
        "-e",
        dest="variables",
        action="append",
        default=[],
        metavar="KEY[=VALUE]",
        help="set a variable; without a value, to what it is here",
    )
    parser.add_argument(
        "-n", "--no-stdin", action="store_true", help="leave our standard input alone"
    )
    parser.add_argument("command", nargs="...", metavar="COMMAND", help="the command to run")


def run(arguments: argparse.Namespace) -> int:
    """Run it; its exit status."""
    command = arguments.command
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        raise BuilddError("exec: no command", "As in `buildd exec -- make`.")
    project = project_of(arguments)
    connection = connect()
    request = connection.start(
        "buildd/exec",
        project=project,
        command=command,
        directory=project_of(arguments, arguments.directory),
        environment=arguments.env,
        env=dict(map(_variable, arguments.variables)),
        stdin=not arguments.no_stdin and _is_worth_reading(0),
    )
    outputs: list[Output] = []
    linger = 0.0
    with Interrupts(connection, request, project) as interrupts:

        def on_notification(method: str, params: Any) -> None:
            if method == "buildd/ready":
                interrupts.run = params["run"]
                outputs.extend((Output(params["stdout"], 1), Output(params["stderr"], 2)))
                if params.get("stdin"):
                    feed(0, params["stdin"])
            elif method == "buildd/progress" and os.isatty(2):
                # Only where a person looks: the bytes of standard error are the command's.
                from buildd_cli.terminal import show_progress

                show_progress(params)

        try:
            run = connection.wait(request, on_notification)["run"]
            status: int | None = run.get("exitStatus")
            linger = LINGER if status is not None else 0.0
        finally:
            interrupts.ended = True
            for output in outputs:
                output.finish(linger)
    if status is not None:
        return status
    if run["state"] == "lost":
        raise BuilddError(run.get("error") or "the environment went away", "Run it again.")
    return 128 + (interrupts.first or 2)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return name, value if equals else os.environ.get(name, "")


def _is_worth_reading(fd: int) -> bool:
    """Whether there can be input: not from the null device, and not from a terminal of which we
    are in the background, which would stop us."""
    status = os.fstat(fd)
    if status.st_rdev == os.stat(os.devnull).st_rdev:
        return False
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return True  # no terminal
