"""Command lines: argparse with our exit status and layout, and without its slow import."""

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
    """The parser of one command; `project` is what `-C` before the command said.

    The module's `HELP` is the text of `--help`: the first paragraph before the options, the rest
    (examples, exit status) after them.
    """
    description, _, rest = module.HELP.strip().partition("\n\n")
    parser = _Parser(
        prog=f"buildd {name}",
        description=description,
        epilog=rest,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "-C",
        "--project",
        metavar="DIR",
        default=project,
        help="act as if started in DIR",
    )
    module.configure(parser)
    return parser


def all_parsers() -> dict[str, argparse.ArgumentParser]:
    """Every command's parser."""
    import importlib

    return {
        name: parser_for(name, importlib.import_module(f"buildd_cli.commands.{name}"))
        for name in COMMANDS
    }


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """What the words say: options and names in any order, but where another program's own
    command line begins, or a name excludes an option, which argparse can do in one order only."""
    # argparse has no public way to look.
    groups = parser._mutually_exclusive_groups  # noqa: SLF001
    excluding = [action for group in groups for action in group._group_actions]  # noqa: SLF001
    has_rest = any(one.nargs == argparse.REMAINDER for one in parser._actions)  # noqa: SLF001
    if has_rest or not all(action.option_strings for action in excluding):
        return parser.parse_args(words)
    return parser.parse_intermixed_args(words)


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option that every command has that reports."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """The option of every command that shows a run's output live."""
    parser.add_argument("-q", "--quiet", action="store_true", help="do not show the live output")


def add_variables(parser: argparse.ArgumentParser, what: str) -> None:
    """The option by which a command gives variables; `what` says what it does with one."""
    parser.add_argument(
        "-e",
        dest="variables",
        action="append",
        default=[],
        metavar="KEY[=VALUE]",
        help=f"{what}; without a value, to what it is here",
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        name = self.prog.partition(" ")[2]
        raise BuilddError(f"{name}: {message}", f"`{self.prog} --help` shows what it takes.")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Asks for the terminal's width without `shutil`, whose import costs 3 ms."""

    def __init__(self, prog: str) -> None:
        width = 80
        try:
            width = int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns)
        except (OSError, ValueError):
            pass
        super().__init__(prog, width=min(width, 100) - 2)
