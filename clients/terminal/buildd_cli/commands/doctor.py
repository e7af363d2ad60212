"""`buildd doctor`: check whether everything works."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from buildd_cli.arguments import add_json
from buildd_cli.daemon.connection import DaemonError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.terminal import GREEN, RED, YELLOW, Style, clean, print_json

HELP = """
Check this machine, the container engines, and the project if there is one.

Run it when something does not work: every warning and error says what to do. It changes nothing.

examples:
  buildd doctor
  buildd doctor --json

exit status: 0 without errors; 1 if a check found an error; 125 if buildd itself failed.
"""

NO_PROJECT = -32009

MARKS = {"ok": ("✓", GREEN), "warning": ("!", YELLOW), "error": ("✗", RED)}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the result of each check."""
    connection = connect(tell=False)
    try:
        checks = connection.request("buildd/doctor", project=project_of(arguments))["checks"]
    except DaemonError as error:
        if error.code != NO_PROJECT:
            raise
        checks = connection.request("buildd/doctor")["checks"]
    if arguments.json:
        print_json({"checks": checks})
    else:
        style = Style(sys.stdout)
        for check in checks:
            print(_text(check, style))
    return int(any(check["state"] == "error" for check in checks))


def _text(check: dict[str, Any], style: Style) -> str:
    mark, colour = MARKS.get(check["state"], ("?", YELLOW))
    text = f"{style.paint(mark, colour)} {check['name']}: {clean(check['detail'])}"
    if check.get("remedy"):
        text += f"\n    {clean(check['remedy'])}"
    return text
