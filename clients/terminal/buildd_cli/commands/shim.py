"""`buildd shim`: executables on the host that run the environment's tools."""

from __future__ import annotations

import os
import shlex
import sys

from buildd.base.atomic_write import replace_file
from buildd.errors import BuilddError
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

HELP = """
Write small executables into DIR that run the environment's tool of the same name, so that any
editor or script uses the container's tools without knowing it. Paths are the same on both sides;
a language server started so works with an editor out here.

examples:
  buildd shim .buildd/bin gcc make clangd
  PATH=$PWD/.buildd/bin:$PATH nvim
  buildd shim --env cross ~/cross-bin arm-none-eabi-gcc

Each runs in the directory in which it is called, or in the project's own where that one is outside
the project. Shims made earlier are replaced, other files are not.

exit status: 0; 125 where buildd failed. A shim's is the tool's.
"""

_MARK = "# Made by `buildd shim`."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--env", default="", metavar="NAME", help="the environment to run in")
    parser.add_argument("directory", metavar="DIR", help="where to write them; made if missing")
    parser.add_argument("names", nargs="+", metavar="NAME", help="names of the tools")


def run(arguments: argparse.Namespace) -> int:
    """Write them."""
    status = connect().request("buildd/status", project=project_of(arguments))
    project = status["projects"][0]["path"]
    directory = project_of(arguments, arguments.directory)
    for name in arguments.names:
        if "/" in name or name in ("", ".", ".."):
            raise BuilddError(f"shim: {name!r} is not the name of a tool", "As in `gcc`.")
        _refuse_another(os.path.join(directory, name))
    try:
        os.makedirs(directory, exist_ok=True)
        for name in arguments.names:
            script = os.fsencode(_script(project, arguments.env, name))
            replace_file(os.path.join(directory, name), script, mode=0o777)
    except OSError as error:
        raise BuilddError(f"shim: {error.filename}: {error.strerror}") from error
    print(f"{directory}: {', '.join(arguments.names)}")
    return 0


def _refuse_another(path: str) -> None:
    """Raise BuilddError where something else than a shim stands there."""
    try:
        with open(path, errors="replace") as file:
            is_ours = _MARK in file.read(200)
    except FileNotFoundError:
        return
    except OSError:
        is_ours = False
    if not is_ours:
        raise BuilddError(
            f"shim: {path} is there already, and no shim",
            "Choose another directory, or remove it.",
        )


def _script(project: str, environment: str, name: str) -> str:
    program = os.path.realpath(sys.argv[0])
    options = ["--of", project, *(["--env", environment] if environment else [])]
    command = shlex.join([program, "exec", *options, "--", name])
    return f"""#!/bin/sh
{_MARK}
if [ "$BUILDD_RUN" ]; then
    echo "buildd: $0 is a shim, and was called inside a run; keep its directory out of PATH." >&2
    exit 125
fi
exec {command} "$@"
"""
