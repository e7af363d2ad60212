"""The entry: picks the command, and turns errors into one line and an exit status."""

from __future__ import annotations

import io
import os
import sys

from buildd.errors import BuilddError
from buildd_cli.commands import COMMANDS

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

FAILED = 125
"""The exit status where buildd itself failed, usage errors included."""

USAGE = """\
usage: buildd [-C DIR] COMMAND [ARGUMENT ...]

Builds in the container, diagnostics in the editor.

{commands}

options:
  -C DIR, --project DIR  act as if started in DIR
  --version              print the version
  -h, --help             print this; `buildd COMMAND --help` tells more of each

Exit status: the command's own where one ran, 125 where buildd itself failed.
"""


def main() -> NoReturn:
    """The `buildd` command."""
    _fill_standard_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    status = run(sys.argv[1:])
    # The interpreter's own farewell takes 2 ms, and no thread of ours is worth waiting for.
    os._exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit status. Everything printed is flushed."""
    try:
        status = _dispatch(list(arguments))
        sys.stdout.flush()
    except BuilddError as error:
        _report(error)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # As any program that SIGPIPE ends; what is still buffered has no reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    return status


def _dispatch(arguments: list[str]) -> int:
    project = ""
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option == "--version":
            from buildd import __version__

            print(f"buildd {__version__}")
            return 0
        if option in ("-h", "--help"):
            print(usage(), end="")
            return 0
        if option.startswith("--project="):
            project = option.partition("=")[2]
        elif option in ("-C", "--project") and arguments:
            project = arguments.pop(0)
        else:
            raise BuilddError(f"what is `{option}`", "`buildd --help` shows the commands.")
    if not arguments:
        print(usage(), end="", file=sys.stderr)
        return FAILED
    name, *rest = arguments
    if name == "help":
        return _dispatch([*rest[:1], "--help"])
    if name == "__complete":  # what completion scripts call
        from buildd_cli.completion import answer

        return answer(project, rest)
    if name == "exec" and (plain := _plain(rest)):
        from buildd_cli.commands.exec import run_plainly

        options, command = plain
        return run_plainly(project, command, **options)
    if name not in COMMANDS:
        raise BuilddError(f"no command `{name}`", _suggestion(name))

    import importlib  # here: `exec` starts without it

    from buildd_cli.arguments import parse, parser_for

    module = importlib.import_module(f"buildd_cli.commands.{name}")
    parser = parser_for(name, module, project)
    status: int = module.run(parse(parser, rest))
    return status


def _plain(rest: list[str]) -> tuple[dict[str, str], list[str]] | None:
    """The options and the command of an `exec` that has no options but those of a shim. To import
    what parses all of them would take longer than a short command does."""
    options = {}
    while len(rest) > 1 and rest[0] in ("--of", "--env"):
        options[rest[0].strip("-")] = rest[1]
        rest = rest[2:]
    if rest[:1] == ["--"]:
        return options, rest[1:]
    return (options, rest) if rest and not rest[0].startswith("-") else None


def usage() -> str:
    """What `buildd --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items()]
    return USAGE.format(commands="\n".join(lines))


def _suggestion(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, 1)
    if near:
        return f"Did you mean `buildd {near[0]}`?"
    return f"For a task of the project: `buildd run {name}`; `buildd --help` shows the commands."


def _report(error: BuilddError) -> None:
    """One line; above it the end of what an image's build printed, where there is some."""
    sys.stdout.flush()
    output = str(getattr(error, "output", "")).strip()
    if output:
        print("\n".join(output.splitlines()[-20:]), file=sys.stderr)
    text = str(error)
    if text[-1:] not in (".", "?", "!"):
        text += "."
    print(f"buildd: {text}", file=sys.stderr)
    sys.stderr.flush()


def _fill_standard_descriptors() -> None:
    """Open the null device in place of closed ones, or the socket would be taken for one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
