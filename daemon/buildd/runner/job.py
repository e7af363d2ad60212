"""This module turns a job, a command to start, into the shell script that starts it.

It is pure, except that it fills in variables of the host's environment.
"""

from __future__ import annotations

import os
import re
import shlex

import msgspec

from buildd.base.variables import shell_word
from buildd.errors import BuilddError
from buildd.model import Command

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job is a command to start, with its directory, variables and streams."""

    command: Command
    directory: str
    """An absolute path in the container."""
    env: dict[str, str]
    environment: str
    """The environment's name, for messages."""
    merge: bool = True
    """Whether standard error goes to the pipe `out` too, in order; else it has the pipe `err`."""
    stdin: bool = False
    """Whether standard input is the pipe `in`; else it is /dev/null."""
    terminal: str = ""
    """A terminal in the container that is all three streams; there are no pipes then."""
    umask: int | None = None
    """The umask of the command; None for that of the supervisor."""
    grace: tuple[float, float] = (2.0, 2.0)
    """Seconds that a cancel waits after SIGINT, and after SIGTERM."""

    @property
    def pipes(self) -> tuple[str, ...]:
        """The names of the pipes that the job's streams need."""
        if self.terminal:
            return ()
        return ("out", *(() if self.merge else ("err",)), *(("in",) if self.stdin else ()))


def script(job: Job, token: str = "") -> str:
    """Return the POSIX shell script that sets up the job and then replaces itself by the command.

    The shell must lead a session. Without `token`, `$0` is the directory of the run's pipes, and
    BUILDD_RUN is set already. With `token`, the script sets BUILDD_RUN, and the shell's streams are
    connected already. Raises BuilddError if a text contains a NUL byte, or if the name of a
    variable is not valid.
    """
    if token:
        lines = [f"export BUILDD_RUN={token}", *(["exec 2>&1"] if job.merge else [])]
        if not (job.stdin or job.terminal):
            lines.append("exec </dev/null")
    elif job.terminal:
        # The first terminal that a session leader opens becomes its controlling terminal.
        lines = [f"exec <>{_quote(job.terminal)} >&0 2>&0"]
    else:
        lines = [
            'exec <"$0/in"' if job.stdin else "exec </dev/null",
            'exec >"$0/out" ' + ("2>&1" if job.merge else '2>"$0/err"'),
        ]
    if job.umask is not None:
        lines.append(f"umask {job.umask & 0o777:04o}")
    for name, value in job.env.items():
        if not _VARIABLE.match(name):
            raise BuilddError(
                f"{name!r} is not a valid name of an environment variable",
                "Use letters, digits and _; the first character is not a digit.",
            )
        lines.append(f"export {name}={shell_word(value, os.environ, _quote)}")
    directory = _quote(job.directory)
    lines.append(
        f"cd {directory} 2>/dev/null || {{ printf 'buildd: the directory %s cannot be entered in"
        f" the environment %s\\n' {directory} {_quote(job.environment)} >&2; exit 125; }}"
    )
    if isinstance(job.command, str):
        lines.append(f"exec /bin/sh -c {_quote(job.command)}")
    else:
        program = _quote(job.command[0])
        lines.append(
            f"command -v {program} >/dev/null 2>&1 || {{ printf 'buildd: %s: command not found in"
            f" the environment %s\\n' {program} {_quote(job.environment)} >&2; exit 127; }}"
        )
        if "/" in job.command[0]:
            lines.append(
                f"[ -x {program} ] && ! [ -d {program} ] || {{ printf 'buildd: %s: cannot be"
                f" executed in the environment %s\\n' {program} {_quote(job.environment)} >&2;"
                " exit 126; }"
            )
        lines.append("exec " + " ".join(map(_quote, job.command)))
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    if "\0" in text:
        raise BuilddError("a command, directory or variable cannot contain a NUL byte")
    return shlex.quote(text)
