"""`buildd parse`: any log to diagnostics, without a daemon or a project."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from buildd.errors import BuilddError
from buildd_cli.directory import project_of
from buildd_cli.render import diagnostics_text, totals
from buildd_cli.terminal import Style, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildd.parsers.log import Log
    from buildd.protocol import WireTest

HELP = """
Read a log from standard input (or FILE) and print the diagnostics that are in it, as a build
through buildd would show them. No daemon, no project, no container: useful in any pipeline.

examples:
  make 2>&1 | buildd parse
  buildd parse --format github <build.log
  cargo build --message-format=json | buildd parse --parser cargo --format sarif >report.sarif
  buildd parse --errorformat '%f|%l| %m' <odd.log
  buildd parse --list

Without --parser, the tools are recognised by their output. Relative names of files are taken from
--directory; a file that is there is read, to count its columns as its tool does.

exit status: 0, whatever is found; 1 with --fail if there is an error; 125 where buildd failed.
"""

_CHUNK = 1 << 18


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from buildd.reports import FORMATS

    parser.add_argument("file", nargs="?", metavar="FILE", help="the log (default: standard input)")
    parser.add_argument(
        "--parser", nargs="+", action="extend", default=[], metavar="NAME", help="only these"
    )
    parser.add_argument(
        "--errorformat", action="append", default=[], metavar="F", help="Vim's, and no other"
    )
    parser.add_argument(
        "--problem-matcher",
        action="append",
        default=[],
        metavar="FILE",
        help="VS Code's, as JSON in a file (or $NAME for one that it knows), and no other",
    )
    parser.add_argument(
        "--directory", default="", metavar="DIR", help="where the tool was started (default: here)"
    )
    parser.add_argument(
        "--format",
        choices=["text", *FORMATS],
        default="text",
        metavar="FORM",
        help="; ".join(["text"] + [f"{name}: {what}" for name, what in FORMATS.items()]),
    )
    parser.add_argument("--tests", action="store_true", help="in text, the tests as well")
    parser.add_argument("--fail", action="store_true", help="exit status 1 if there is an error")
    parser.add_argument("--list", action="store_true", help="name the parsers, and what they read")


def run(arguments: argparse.Namespace) -> int:
    """Read, and print."""
    if arguments.list:
        _list()
        return 0
    from buildd.diagnostics.positions import FileTexts, wire, wire_test
    from buildd.reports import ReportContent, report

    directory = project_of(arguments, arguments.directory)
    log = _log(arguments, directory)
    _feed(log, arguments.file, project_of(arguments))
    texts = FileTexts()
    found = [wire(one, texts) for one in log.report.diagnostics]
    tests = [wire_test(one, texts) for one in log.report.tests]
    if arguments.format == "text":
        import msgspec

        style = Style(sys.stdout)
        print(diagnostics_text(msgspec.to_builtins(found), style, directory), end="")
        if arguments.tests:
            _print_tests(tests)
        print(totals(msgspec.to_builtins(found)) or "no diagnostics")
    else:
        print(report(arguments.format, ReportContent(found, tests, directory)), end="")
    if log.report.dropped:
        print(f"buildd: {log.report.dropped} more are left out", file=sys.stderr)
    return int(arguments.fail and any(one.severity == "error" for one in found))


def _log(arguments: argparse.Namespace, directory: str) -> Log:
    from buildd.parsers import choose

    matchers = []
    if arguments.errorformat or arguments.problem_matcher:
        from buildd.matchers import make

        matchers = [make(one, exists=os.path.exists) for one in arguments.errorformat]
        for one in arguments.problem_matcher:
            matchers += [make(told, folder=directory) for told in _definitions(one, arguments)]
    return choose(arguments.parser, directory, matchers)


def _definitions(name: str, arguments: argparse.Namespace) -> list[Any]:
    """A name as `$tsc`, or what a file holds: a matcher, a list of them, or a tasks.json."""
    if name.startswith("$"):
        return [name]
    from buildd.base.jsonc import to_json
    from buildd.matchers import MatcherError, matchers_of_tasks_json

    path = os.path.join(project_of(arguments), name)
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
        document = json.loads(to_json(text))
    except OSError as error:
        raise BuilddError(f"parse: {path}: {error.strerror}") from error
    except ValueError as error:
        raise BuilddError(f"parse: {path}: not JSON: {error}") from error
    if isinstance(document, dict) and "tasks" in document:
        found = [one for told in matchers_of_tasks_json(text).values() for one in told]
    else:
        found = document if isinstance(document, list) else [document]
    if not found:
        raise MatcherError(f"{path} has no problem matchers", "Name another file.")
    return found


def _feed(log: Log, file: str | None, directory: str) -> None:
    from buildd.base.lines import LineDecoder

    lines = LineDecoder()
    try:
        source = open(os.path.join(directory, file), "rb") if file else sys.stdin.buffer  # noqa: SIM115
        with source:
            while data := source.read1(_CHUNK):  # type: ignore[union-attr]  # both have it
                if block := lines.feed(data):
                    log.feed(block)
    except OSError as error:
        raise BuilddError(f"parse: {error.filename or 'the log'}: {error.strerror}") from error
    if block := lines.finish():
        log.feed(block)
    log.finish()


def _list() -> None:
    from buildd.parsers import described
    from buildd.parsers.registry import PARSERS

    width = max(map(len, PARSERS))
    for name in sorted(PARSERS):
        tools, levels, is_automatic = described(name)
        choice = "" if is_automatic else "; only when named"
        print(f"{name:{width}}  {tools} ({', '.join(levels)}{choice})")


def _print_tests(tests: Sequence[WireTest]) -> None:
    for one in tests:
        duration = "" if one.duration is None else f" ({one.duration:.3f} s)"
        print(clean(f"{one.state}: {' > '.join(one.path)}{duration}"))
