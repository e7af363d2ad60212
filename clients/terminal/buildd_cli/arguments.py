"""Command-line parsing: argparse with our exit status and help layout."""

from __future__ import annotations

import argparse
import os

from buildd.errors import BuilddError
from buildd_cli.commands import COMMANDS

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import NoReturn


def parser_for(name: str, module: ModuleType, project: str = "") -> argparse.ArgumentParser:
    """Return the parser of one command. `project` is the directory of a `-C` before the command.

    The module's `HELP` is the text of `--help`: what stands before its examples is shown before the
    options, the rest (examples, details, exit status) after them.
    """
    description, mark, rest = module.HELP.strip().partition("examples:\n")
    parser = _Parser(
        prog=f"buildd {name}",
        description=description.rstrip(),
        epilog=mark + rest,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    parser._positionals.title = "arguments"  # noqa: SLF001 (argparse has no public way)
    parser.add_argument(
        "-C",
        "--project",
        metavar="DIR",
        default=project,
        help="run as if started in DIR",
    )
    module.configure(parser)
    return parser


def all_parsers() -> dict[str, argparse.ArgumentParser]:
    """Return every command's parser, by name."""
    import importlib

    return {
        name: parser_for(name, importlib.import_module(f"buildd_cli.commands.{name}"))
        for name in COMMANDS
    }


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Parse the words after the command; options and names may stand in any order.

    argparse supports only one order if the command takes another program's command line, or if a
    name and an option exclude each other.
    """
    # argparse has no public way to look.
    groups = parser._mutually_exclusive_groups  # noqa: SLF001
    excluding = [action for group in groups for action in group._group_actions]  # noqa: SLF001
    has_rest = any(action.nargs == argparse.REMAINDER for action in parser._actions)  # noqa: SLF001
    if has_rest or not all(action.option_strings for action in excluding):
        return parser.parse_args(words)
    return parser.parse_intermixed_args(words)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, the option of every command that reports something."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add `--quiet`, the option of every command that shows a task's output as it comes."""
    parser.add_argument("-q", "--quiet", action="store_true", help="do not show the task's output")


def add_variables(parser: argparse.ArgumentParser) -> None:
    """Add `-e`, the option of every command that sets environment variables."""
    parser.add_argument(
        "-e",
        dest="variables",
        action="append",
        default=[],
        metavar="KEY[=VALUE]",
        help="set an environment variable; without a value, copy it from here (can be repeated)",
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        name = self.prog.partition(" ")[2]
        raise BuilddError(f"{name}: {message}", f"See `{self.prog} --help`.")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Reads the terminal's width without `shutil`, whose import costs 3 ms."""

    def __init__(self, prog: str) -> None:
        width = 80
        try:
            width = int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns)
        except (OSError, ValueError):
            pass
        super().__init__(prog, width=min(width, 100) - 2)
