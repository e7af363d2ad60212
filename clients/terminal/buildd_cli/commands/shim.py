"""`buildd shim`: write scripts on the host that run the environment's tools."""

from __future__ import annotations

import os
import shlex
import sys

from buildd.base.safe_open import open_regular
from buildd.errors import BuilddError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.execution.command import current_umask

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

HELP = """
Write small scripts, shims, that run the environment's tools of the same name.

Put their directory first in PATH, and any editor or script uses the container's tools without
knowing about the container. Paths are the same on both sides, so that even a language server in the
container works with an editor on the host.

examples:
  buildd shim .buildd/bin gcc make clangd
  PATH=$PWD/.buildd/bin:$PATH nvim
  buildd shim --env cross ~/cross-bin arm-none-eabi-gcc

A shim runs its tool in the directory in which it is called, or in the project's directory if it is
called outside the project. Existing shims are replaced; other files are never overwritten.

exit status: 0; 125 if buildd itself failed. A shim has the exit status of its tool.
"""

_MARK = "# Made by `buildd shim`."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--env", default="", metavar="NAME", help="the environment to use (default: the project's)"
    )
    parser.add_argument(
        "directory", metavar="DIR", help="the directory to write into; created if missing"
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="the names of the tools")


def run(arguments: argparse.Namespace) -> int:
    """Write the shims."""
    status = connect().request("buildd/status", project=project_of(arguments))
    project = status["projects"][0]["path"]
    directory = project_of(arguments, arguments.directory)
    for name in arguments.names:
        if "/" in name or name in ("", ".", ".."):
            raise BuilddError(
                f"shim: {name!r} is not the name of a tool", "Give a plain name, as `gcc`."
            )
        _require_replaceable(os.path.join(directory, name))
    try:
        os.makedirs(directory, exist_ok=True)
        for name in arguments.names:
            _write(os.path.join(directory, name), _script(project, arguments.env, name))
    except OSError as error:
        raise BuilddError(f"shim: {error.filename}: {error.strerror}") from error
    print(f"{directory}: {', '.join(arguments.names)}")
    return 0


def _require_replaceable(path: str) -> None:
    """Raise BuilddError if the path exists and is not a shim."""
    try:
        with open_regular(path) as file:
            is_ours = _MARK.encode() in file.read(200)
    except FileNotFoundError:
        return
    except OSError:
        is_ours = False
    if not is_ours:
        raise BuilddError(
            f"shim: {path} exists already and is not a shim",
            "Choose another directory, or remove the file.",
        )


def _script(project: str, environment: str, name: str) -> str:
    program = os.path.realpath(sys.argv[0])
    options = ["--of", project, *(["--env", environment] if environment else [])]
    command = shlex.join([program, "exec", *options, "--", name])
    return f"""#!/bin/sh
{_MARK}
if [ "$BUILDD_RUN" ]; then
    echo "buildd: the shim $0 was called inside a run. Remove its directory from PATH there." >&2
    exit 125
fi
exec {command} "$@"
"""


def _write(path: str, text: str) -> None:
    new = f"{path}.new-{os.getpid()}"
    with open(new, "w", errors="surrogateescape") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o777 & ~current_umask())
    os.replace(new, path)
