"""The entry point: pick the command, and turn errors into one line and an exit status."""

from __future__ import annotations

import io
import os
import sys

from buildd.base.standard_streams import open_closed_streams
from buildd.errors import BuilddError
from buildd_cli.commands import COMMANDS

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

FAILED = 125
"""The exit status if buildd itself fails, usage errors included."""

USAGE = """\
usage: buildd [-C DIR] COMMAND [ARGUMENT ...]

Run builds, tests and shells in a project's warm container, and show what the compiler reports.

Start with `buildd init` (write a buildd.toml), `buildd trust` (review it), `buildd build`.

commands:
{commands}

options:
  -C DIR, --project DIR  run as if started in DIR
  --version              print the version
  -h, --help             print this text; `buildd COMMAND --help` explains one command

exit status: that of the command that was run; 125 if buildd itself failed.
"""


def main() -> NoReturn:
    """Run the `buildd` command, and end the process."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    status = FAILED
    try:
        status = run(sys.argv[1:])
    except Exception:  # noqa: BLE001 (Python's own status would be taken for the command's)
        sys.excepthook(*sys.exc_info())
    # The interpreter's own shutdown takes 2 ms, and no thread of ours is worth waiting for.
    os._exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return the exit status. Everything printed is flushed."""
    try:
        status = _dispatch(list(arguments))
        sys.stdout.flush()
    except BuilddError as error:
        _report(error)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The same status as of a program that SIGPIPE ends. Nobody reads what is still buffered.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as error:
        # For example, the disk that our output goes to is full.
        _report(BuilddError(f"{error.filename or 'input or output failed'}: {error.strerror}"))
        return FAILED
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
            raise BuilddError(f"unknown option `{option}`", "See `buildd --help`.")
    if not arguments:
        print(usage(), end="", file=sys.stderr)
        return FAILED
    name, *rest = arguments
    if name == "help":
        return _dispatch([*rest[:1], "--help"])
    if name == "__complete":  # called by the completion scripts
        from buildd_cli.completion import answer

        return answer(project, rest)
    if name == "exec" and (plain := _plain(rest)):
        from buildd_cli.commands.exec import run_plainly

        options, command = plain
        return run_plainly(project, command, **options)
    if name not in COMMANDS:
        raise BuilddError(f"unknown command `{name}`", _suggestion(name))

    import importlib

    from buildd_cli.arguments import parse, parser_for

    module = importlib.import_module(f"buildd_cli.commands.{name}")
    parser = parser_for(name, module, project)
    status: int = module.run(parse(parser, rest))
    return status


def _plain(rest: list[str]) -> tuple[dict[str, str], list[str]] | None:
    """Return the options and the command of an `exec` with only a shim's options, else None.

    Importing the full parser would take longer than a short command runs.
    """
    options = {}
    while len(rest) > 1 and rest[0] in ("--of", "--env"):
        options[rest[0].strip("-")] = rest[1]
        rest = rest[2:]
    if rest[:1] == ["--"]:
        return options, rest[1:]
    return (options, rest) if rest and not rest[0].startswith("-") else None


def usage() -> str:
    """Return what `buildd --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items()]
    return USAGE.format(commands="\n".join(lines))


def _suggestion(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, 1)
    if near:
        return f"Did you mean `buildd {near[0]}`?"
    return f"See `buildd --help`. To run a task of the project, use `buildd run {name}`."


def _report(error: BuilddError) -> None:
    """Print the error as one line, after the end of an image build's output if there is any."""
    from contextlib import suppress

    with suppress(OSError):
        sys.stdout.flush()
    with suppress(OSError):
        _print_error(error)


def _print_error(error: BuilddError) -> None:
    output = str(getattr(error, "output", "")).strip()
    if output:
        print("\n".join(output.splitlines()[-20:]), file=sys.stderr)
    text = str(error)
    if text[-1:] not in (".", "?", "!"):
        text += "."
    print(f"buildd: {text}", file=sys.stderr)
    sys.stderr.flush()
