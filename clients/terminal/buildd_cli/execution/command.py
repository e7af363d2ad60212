"""Run a command in the warm environment as if it ran here: for `exec` and `shell`."""

from __future__ import annotations

import os

from buildd.errors import BuilddError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.execution.pipes import LINGER, OutputPipe, feed_input
from buildd_cli.execution.signals import SignalForwarder

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse
    from typing import Any

TERMINAL_VARIABLES = ("TERM", "COLORTERM", "NO_COLOR")
"""The variables that describe our terminal; a command in a terminal gets them too."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of both commands."""
    from buildd_cli import consent
    from buildd_cli.arguments import add_variables

    parser.add_argument(
        "--env", default="", metavar="NAME", help="the environment to use (default: the project's)"
    )
    parser.add_argument(
        "-w",
        "--directory",
        metavar="DIR",
        help="the directory to run in, as a path on this machine (default: the current one)",
    )
    add_variables(parser)
    consent.configure(parser)


class Execution:
    """One command to run; call `in_pipes` or `in_terminal` once.

    `directory` is absolute, on the host. `variables` are as for `-e`.
    """

    def __init__(
        self, project: str, directory: str, environment: str, variables: list[str]
    ) -> None:
        self._project = project
        self._directory = directory
        self._environment = environment
        self._variables = dict(map(variable, variables))
        self.connection = connect()

    def in_pipes(self, command: list[str], *, stdin: bool) -> int:
        """Run the command on our standard streams as they are; return its exit status."""
        request = self._start(command, stdin=stdin and is_worth_reading(0))
        outputs: list[OutputPipe] = []
        linger = 0.0
        with SignalForwarder(self.connection, request, self._project) as signals:

            def on_notification(method: str, params: Any) -> None:
                if method == "buildd/ready":
                    signals.run = params["run"]
                    outputs.extend(
                        (OutputPipe(params["stdout"], 1), OutputPipe(params["stderr"], 2))
                    )
                    if params.get("stdin"):
                        feed_input(0, params["stdin"])
                else:
                    _show(method, params)

            try:
                run = self.connection.wait(request, on_notification)["run"]
                linger = LINGER if run.get("exitStatus") is not None else 0.0
            finally:
                signals.ended = True
                for output in outputs:
                    output.finish(linger)
        for output in outputs:
            if output.error:
                raise output.error
        return _status(run, signals.first_signal)

    def in_terminal(self, command: list[str], *, forced: bool, keep_history: bool = False) -> int:
        """Run the command in a terminal; return its exit status.

        The terminal has the settings of ours, if we have one. If the environment cannot provide a
        terminal, the command runs in pipes. With `forced` it is an error instead.
        """
        from buildd_cli.execution.pseudo_terminal import PseudoTerminal, RawMode

        found = self.connection.request(
            "buildd/terminal", _show, project=self._project, environment=self._environment
        )
        if not found["multiplexer"]:
            if not forced:
                return self.in_pipes(command, stdin=True)
            raise BuilddError(
                "cannot open a terminal in the environment from here", "Use `-T` to run without."
            )
        for name in TERMINAL_VARIABLES:
            if name in os.environ:
                self._variables.setdefault(name, os.environ[name])
        if keep_history and found.get("history"):
            self._variables.setdefault("HISTFILE", f"{found['history']}/shell_history")
            # At each prompt: a shell gets no time to save when its container is removed.
            self._variables.setdefault("PROMPT_COMMAND", "history -a")
        terminal = PseudoTerminal(found["multiplexer"])
        ours = next((fd for fd in (0, 1, 2) if os.isatty(fd)), -1)
        if ours >= 0:
            terminal.copy_settings(ours)
        relayed = found.get("relayed", False)
        if relayed:
            terminal.make_raw()  # the terminal behind it interprets the bytes
        request = self._start(command, stdin=True, terminal=terminal.name, relayed=relayed)
        run: Any = {}
        with SignalForwarder(self.connection, request, self._project) as signals:

            def on_notification(method: str, params: Any) -> None:
                if method == "buildd/ready":
                    signals.run = params["run"]
                    on_resize()

            def on_resize() -> None:
                if ours >= 0:
                    terminal.resize(ours)
                if ours >= 0 and relayed and signals.run:
                    columns, rows = os.get_terminal_size(ours)
                    self.connection.start(
                        "buildd/resize",
                        project=self._project,
                        run=signals.run,
                        rows=rows,
                        columns=columns,
                    )

            def on_ready() -> bool:
                result = self.connection.advance(request, on_notification)
                if result is not None:
                    run.update(result["run"])
                    signals.ended = True
                return result is not None

            def relay() -> None:
                terminal.relay(self.connection.socket.fileno(), on_ready)

            try:
                if os.isatty(0):
                    with RawMode(0, on_resize):
                        relay()
                else:
                    relay()
            finally:
                signals.ended = True
                terminal.close()
        return _status(run, signals.first_signal)

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
    """Return the umask of this process; the system can only tell it by setting another."""
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
    # Only on a terminal: in a pipe, standard error belongs to the command.
    if method == "buildd/progress" and os.isatty(2):
        from buildd_cli.output.terminal import show_progress

        show_progress(params)


def variable(text: str) -> tuple[str, str]:
    """Return name and value of `NAME=VALUE`; for `NAME` alone, the value in our environment."""
    name, equals, value = text.partition("=")
    return name, value if equals else os.environ.get(name, "")


def is_worth_reading(fd: int) -> bool:
    """Return whether the descriptor can have input for the command.

    The null device has none. Reading a terminal from the background would stop us.
    """
    status = os.fstat(fd)
    if status.st_rdev == os.stat(os.devnull).st_rdev:
        return False
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return True  # no terminal


def has_terminal() -> bool:
    """Return whether all of our standard streams are a terminal that we may read from."""
    return all(map(os.isatty, (0, 1, 2))) and is_worth_reading(0)
