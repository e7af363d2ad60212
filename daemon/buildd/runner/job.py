"""A job: what the supervisor is to do for one run, as the text of a shell script. Pure, but for the
variables of this machine that its environment asks for."""

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
    """A command to start. `directory` is absolute, as the container sees it. With `merge`, both
    output streams go to the one pipe `out`, in the order in which they were written; else
    standard error has the pipe `err`. With `stdin`, there is a pipe `in`. With `terminal`, a path
    as the container sees it, that is all three, and there are no pipes. `umask` None is the
    supervisor's own."""

    command: Command
    directory: str
    env: dict[str, str]
    place: str
    """The environment's name, for messages."""
    merge: bool = True
    stdin: bool = False
    terminal: str = ""
    umask: int | None = None
    grace: tuple[float, float] = (2.0, 2.0)
    """Seconds that a cancel leaves after SIGINT, and after SIGTERM."""

    @property
    def pipes(self) -> tuple[str, ...]:
        """The names of the pipes of its streams."""
        if self.terminal:
            return ()
        return ("out", *(() if self.merge else ("err",)), *(("in",) if self.stdin else ()))


def script(job: Job, token: str = "") -> str:
    """What a shell that leads a session does for the job, and becomes the command by it.

    Without `token`, `$0` is the directory of the run's pipes, and the run's token is in the
    environment; with it, the shell has its streams already. Raises BuilddError for what no process
    can be given.
    """
    if token:
        lines = [f"export BUILDD_RUN={token}", *(["exec 2>&1"] if job.merge else [])]
        if not (job.stdin or job.terminal):
            lines.append("exec </dev/null")
    elif job.terminal:
        # For a leader of a session that has none, this is the controlling terminal from now on.
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
                f"{name!r} is not a name for an environment variable",
                "Use letters, digits and _, not beginning with a digit.",
            )
        lines.append(f"export {name}={shell_word(value, os.environ, _quote)}")
    directory = _quote(job.directory)
    lines.append(
        f"cd {directory} 2>/dev/null || {{ printf 'buildd: the directory %s cannot be entered in"
        f" the environment %s\\n' {directory} {_quote(job.place)} >&2; exit 125; }}"
    )
    if isinstance(job.command, str):
        lines.append(f"exec /bin/sh -c {_quote(job.command)}")
    else:
        program = _quote(job.command[0])
        lines.append(
            f"command -v {program} >/dev/null 2>&1 || {{ printf 'buildd: %s: command not found in"
            f" the environment %s\\n' {program} {_quote(job.place)} >&2; exit 127; }}"
        )
        if "/" in job.command[0]:
            lines.append(
                f"[ -x {program} ] && ! [ -d {program} ] || {{ printf 'buildd: %s: cannot be"
                f" executed in the environment %s\\n' {program} {_quote(job.place)} >&2;"
                " exit 126; }"
            )
        lines.append("exec " + " ".join(map(_quote, job.command)))
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    if "\0" in text:
        raise BuilddError("a NUL byte cannot be part of a command, a directory or a variable")
    return shlex.quote(text)
