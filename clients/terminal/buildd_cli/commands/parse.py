"""`buildd parse`: find the diagnostics in a log, without a daemon or a project."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from buildd.errors import BuilddError
from buildd_cli.directory import project_of
from buildd_cli.output.diagnostics import diagnostics_text, totals
from buildd_cli.output.terminal import Style, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildd.parsers.log import Log
    from buildd.protocol import WireTest

HELP = """
Read a build log and print the diagnostics in it.

It needs no daemon, project or container: use it in any pipeline, to turn a compiler's output into a
report. The tools are recognised by their output, unless --parser names them.

examples:
  make 2>&1 | buildd parse
  buildd parse --format github <build.log
  cargo build --message-format=json | buildd parse --parser cargo --format sarif >report.sarif
  buildd parse --errorformat '%f|%l| %m' <odd.log
  buildd parse --list

If a file that the log names exists, it is read to convert the tool's columns to characters.

exit status: 0, with or without diagnostics; 1 with --fail if there is an error; 125 if buildd
itself failed.
"""

_CHUNK = 1 << 18

_MATCHERS_LIMIT = 1 << 20
"""Bytes of a file with problem matchers, as the daemon has it."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from buildd.reports import FORMATS

    parser.add_argument("file", nargs="?", metavar="FILE", help="the log (default: standard input)")
    parser.add_argument(
        "--parser",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="use only these parsers; --list shows their names",
    )
    parser.add_argument(
        "--errorformat",
        action="append",
        default=[],
        metavar="F",
        help="read the log with this errorformat of Vim instead of the parsers (can be repeated)",
    )
    parser.add_argument(
        "--problem-matcher",
        action="append",
        default=[],
        metavar="FILE",
        help="read the log with this problem matcher of VS Code instead of the parsers: a JSON "
        "file, a tasks.json, or a predefined name as '$gcc' (can be repeated)",
    )
    parser.add_argument(
        "--directory",
        default="",
        metavar="DIR",
        help="the directory that relative file names start from (default: the current one)",
    )
    parser.add_argument(
        "--format",
        choices=["text", *FORMATS],
        default="text",
        metavar="FORM",
        help="the output format (default: text). "
        + "; ".join(f"{name}: {what}" for name, what in FORMATS.items()),
    )
    parser.add_argument("--tests", action="store_true", help="also print test results (text only)")
    parser.add_argument("--fail", action="store_true", help="exit with 1 if there is an error")
    parser.add_argument("--list", action="store_true", help="list the parsers and their tools")


def run(arguments: argparse.Namespace) -> int:
    """Read the log and print what was found."""
    if arguments.list:
        _list()
        return 0
    from buildd.diagnostics.positions import FileTexts, wire, wire_test
    from buildd.reports import ReportContent, report

    directory = project_of(arguments, arguments.directory)
    log = _log(arguments, directory)
    _feed(log, arguments.file, project_of(arguments))
    texts = FileTexts()
    found = [wire(diagnostic, texts) for diagnostic in log.report.diagnostics]
    tests = [wire_test(test, texts) for test in log.report.tests]
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
        print(f"buildd: {log.report.dropped} more diagnostics are not shown", file=sys.stderr)
    return int(arguments.fail and any(diagnostic.severity == "error" for diagnostic in found))


def _log(arguments: argparse.Namespace, directory: str) -> Log:
    from buildd.parsers import choose

    matchers = []
    if arguments.errorformat or arguments.problem_matcher:
        from buildd.matchers import make

        matchers = [make(pattern, exists=os.path.exists) for pattern in arguments.errorformat]
        for name in arguments.problem_matcher:
            definitions = _definitions(name, arguments)
            matchers += [make(definition, folder=directory) for definition in definitions]
    return choose(arguments.parser, directory, matchers)


def _definitions(name: str, arguments: argparse.Namespace) -> list[Any]:
    """Return the problem matchers of a predefined name (`$tsc`) or of a file.

    The file holds one matcher, a list of them, or is a tasks.json. Raises BuilddError.
    """
    if name.startswith("$"):
        return [name]
    from buildd.base.jsonc import plain
    from buildd.base.safe_open import read_regular
    from buildd.matchers import MatcherError, matchers_of_tasks_json

    path = os.path.join(project_of(arguments), name)
    try:
        text = read_regular(path, _MATCHERS_LIMIT).decode("utf-8-sig")
        document = json.loads(plain(text))
    except OSError as error:
        raise BuilddError(f"parse: {path}: {error.strerror}") from error
    except ValueError as error:
        raise BuilddError(f"parse: {path}: not JSON: {error}") from error
    if isinstance(document, dict) and "tasks" in document:
        by_task = matchers_of_tasks_json(text)
        matchers = [matcher for matchers in by_task.values() for matcher in matchers]
    else:
        matchers = document if isinstance(document, list) else [document]
    if not matchers:
        raise MatcherError(f"{path} has no problem matchers", "Use another file.")
    return matchers


def _feed(log: Log, file: str | None, directory: str) -> None:
    from buildd.base.lines import Lines

    lines = Lines()
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
        choice = "" if is_automatic else "; only with --parser"
        print(f"{name:{width}}  {tools} ({', '.join(levels)}{choice})")


def _print_tests(tests: Sequence[WireTest]) -> None:
    for test in tests:
        duration = "" if test.duration is None else f" ({test.duration:.3f} s)"
        print(clean(f"{test.state}: {' > '.join(test.path)}{duration}"))
