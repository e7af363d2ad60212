"""`buildd tests`: show the last result of each test."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.words import seconds
from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.output.diagnostics import short_path
from buildd_cli.output.terminal import (
    BOLD,
    DIM,
    GREEN,
    RED,
    YELLOW,
    Style,
    clean,
    print_json,
)
from buildd_cli.task_run import tests_text

HELP = """
Show the last result of each test as a tree, with state and duration.

Failed tests are shown with file, line and message. Nothing is run; `buildd test NAME` runs one of
the tests.

examples:
  buildd tests
  buildd tests --failed
  buildd tests --json | jq '.tasks[].tests[] | select(.state == "failed") | .path'

exit status: 0, even if tests failed; 125 if buildd itself failed.
"""

_SIGNS = {
    "passed": ("✓", GREEN),
    "failed": ("✗", RED),
    "errored": ("!", RED),
    "skipped": ("-", YELLOW),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--task", default="", metavar="TASK", help="show only those of this task")
    parser.add_argument("--failed", action="store_true", help="show only failed tests")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the tests."""
    result = connect().request("buildd/tests", project=project_of(arguments), task=arguments.task)
    if arguments.json:
        print_json(result)
        return 0
    style = Style(sys.stdout)
    for task in result["tasks"]:
        tests = task["tests"]
        print(f"{style.paint(task['task'], BOLD)}: {tests_text(tests, style)}")
        if arguments.failed:
            tests = [test for test in tests if test["state"] in ("failed", "errored")]
        print("".join(f"{line}\n" for line in tree(tests, style, current_directory())), end="")
    if not result["tasks"]:
        print("no run has reported tests yet")
    return 0


def tree(tests: Sequence[Mapping[str, Any]], style: Style, directory: str) -> list[str]:
    """Return a line for each group and each test, indented by their depth.

    Paths inside `directory` are shown relative to it.
    """
    lines: list[str] = []
    previous: Sequence[str] = ()
    for test in tests:
        *groups, name = map(clean, test["path"])
        shared = 0
        while shared < min(len(groups), len(previous)) and groups[shared] == previous[shared]:
            shared += 1
        deeper = range(shared, len(groups))
        lines += [f"{'  ' * (depth + 1)}{groups[depth]}" for depth in deeper]
        previous = groups
        indent = "  " * (len(groups) + 1)
        sign, colour = _SIGNS[test["state"]]
        took = f" {style.paint(seconds(test['duration']), DIM)}" if test.get("duration") else ""
        lines.append(f"{indent}{style.paint(sign, colour)} {name}{took}")
        if test["state"] in ("failed", "errored"):
            if test.get("file"):
                line = f":{test['line']}" if test.get("line") else ""
                lines.append(f"{indent}  {short_path(clean(test['file']), directory)}{line}")
            message = clean(test.get("message", "")).split("\n")
            lines += [f"{indent}  {line}" for line in message[:5] if line]
    return lines
