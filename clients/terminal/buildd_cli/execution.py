"""An ad-hoc command in the warm environment, as if it ran here: what `exec` and `shell` share."""

from __future__ import annotations

import os

from buildd.errors import BuilddError
from buildd_cli.daemon import connect
from buildd_cli.interrupts import Interrupts
from buildd_cli.pumps import LINGER, Output, feed

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse
    from typing import Any

PASSED_ON = ("TERM", "COLORTERM", "NO_COLOR")
"""What a program must know of the terminal that it writes to."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what both take."""
    # Here: `exec` without options starts without them.
    from buildd_cli import consent
    from buildd_cli.arguments import add_variables

    parser.add_argument("--env", default="", metavar="NAME", help="the environment to run in")
    parser.add_argument("-w", "--directory", metavar="DIR", help="where to run, on this host")
    add_variables(parser, "set a variable")
    consent.configure(parser)


class Execution:
    """One command to run; `status` is its exit status once `in_pipes` or `in_terminal` is done."""

    def __init__(
        self, project: str, directory: str, environment: str, variables: list[str]
    ) -> None:
        self._project = project
        self._directory = directory
        self._environment = environment
        self._variables = dict(map(variable, variables))
        self.connection = connect()
        self._interrupts: Interrupts

    def in_pipes(self, command: list[str], *, stdin: bool) -> int:
        """Run it with our standard streams as they are; its exit status."""
        request = self._start(command, stdin=stdin and is_worth_reading(0))
        outputs: list[Output] = []
        linger = 0.0
        with Interrupts(self.connection, request, self._project) as interrupts:

            def on_notification(method: str, params: Any) -> None:
                if method == "buildd/ready":
                    interrupts.run = params["run"]
                    outputs.extend((Output(params["stdout"], 1), Output(params["stderr"], 2)))
                    if params.get("stdin"):
                        feed(0, params["stdin"])
                else:
                    _show(method, params)

            try:
                run = self.connection.wait(request, on_notification)["run"]
                linger = LINGER if run.get("exitStatus") is not None else 0.0
            finally:
                interrupts.ended = True
                for output in outputs:
                    output.finish(linger)
        return _status(run, interrupts.first)

    def in_terminal(self, command: list[str], *, forced: bool, keep_history: bool = False) -> int:
        """Run it in a terminal that looks like ours, if we have one. Where the environment has
        none: in pipes, unless `forced`."""
        from buildd_cli.pseudo import PseudoTerminal, RawMode

        found = self.connection.request(
            "buildd/terminal", _show, project=self._project, environment=self._environment
        )
        if not found["multiplexer"]:
            if not forced:
                return self.in_pipes(command, stdin=True)
            raise BuilddError(
                "no terminal of the environment can be opened from here", "`-T` does without one."
            )
        for name in PASSED_ON:
            if name in os.environ:
                self._variables.setdefault(name, os.environ[name])
        if keep_history and found.get("history"):
            self._variables.setdefault("HISTFILE", f"{found['history']}/shell_history")
            # At each prompt: a container that is removed gives its shells no time.
            self._variables.setdefault("PROMPT_COMMAND", "history -a")
        terminal = PseudoTerminal(found["multiplexer"])
        ours = next((fd for fd in (0, 1, 2) if os.isatty(fd)), -1)
        if ours >= 0:
            terminal.resemble(ours)
        relayed = found.get("relayed", False)
        if relayed:
            terminal.make_raw()  # the one behind it does all that a terminal does
        request = self._start(command, stdin=True, terminal=terminal.name, relayed=relayed)
        run: Any = {}
        with Interrupts(self.connection, request, self._project) as interrupts:

            def on_notification(method: str, params: Any) -> None:
                if method == "buildd/ready":
                    interrupts.run = params["run"]
                    on_resize()

            def on_resize() -> None:
                if ours >= 0:
                    terminal.resize(ours)
                if ours >= 0 and relayed and interrupts.run:
                    columns, rows = os.get_terminal_size(ours)
                    self.connection.start(
                        "buildd/resize",
                        project=self._project,
                        run=interrupts.run,
                        rows=rows,
                        columns=columns,
                    )

            def on_ready() -> bool:
                result = self.connection.advance(request, on_notification)
                if result is not None:
                    run.update(result["run"])
                    interrupts.ended = True
                return result is not None

            def move() -> None:
                terminal.move(self.connection.socket.fileno(), on_ready)

            try:
                if os.isatty(0):
                    with RawMode(0, on_resize):
                        move()
                else:
                    move()
            finally:
                interrupts.ended = True
                terminal.close()
        return _status(run, interrupts.first)

    def _start(self, command: list[str], *, stdin: bool, **terminal: str | bool) -> int:
        return self.connection.start(
            "buildd/exec",
            project=self._project,
            command=command,
            directory=self._directory,
            environment=self._environment,
            env=self._variables,
            stdin=stdin,
            **terminal,
            umask=current_umask(),
        )


def current_umask() -> int:
    """Our own, for which the system has no other question."""
    umask = os.umask(0o022)
    os.umask(umask)
    return umask


def _status(run: Any, interrupted: int) -> int:
    status: int | None = run.get("exitStatus")
    if status is not None:
        return status
    if run["state"] == "lost":
        raise BuilddError(run.get("error") or "the environment went away", "Run it again.")
    return 128 + (interrupted or 2)


def _show(method: str, params: Any) -> None:
    # Only where a person looks: the bytes of standard error are the command's.
    if method == "buildd/progress" and os.isatty(2):
        from buildd_cli.terminal import show_progress

        show_progress(params)


def variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return name, value if equals else os.environ.get(name, "")


def is_worth_reading(fd: int) -> bool:
    """Whether there can be input: not from the null device, and not from a terminal of which we
    are in the background, which would stop us."""
    status = os.fstat(fd)
    if status.st_rdev == os.stat(os.devnull).st_rdev:
        return False
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return True  # no terminal


def has_terminal() -> bool:
    """Whether all of our standard streams are a terminal that is ours to use."""
    return all(map(os.isatty, (0, 1, 2))) and is_worth_reading(0)
