"""`buildd diagnostics`: show the diagnostics of the last runs."""

from __future__ import annotations

import argparse
import sys

from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.output.diagnostics import diagnostics_text, totals
from buildd_cli.output.terminal import Style, print_json

HELP = """
Show the diagnostics of the project: what the last run of each task found.

These are the diagnostics that an editor shows now. No task is run.

examples:
  buildd diagnostics
  buildd diagnostics --task lint
  buildd diagnostics --json | jq '.[] | select(.severity == "error") | .file'

With --json, this prints an array of objects with these fields:
  file                       absolute path
  line, column               start, from 1; columns count characters
  endLine, endColumn         end, exclusive
  severity                   error, warning, information or hint
  code, message, source      source is the tool
  href                       address of the code's documentation
  tags                       unnecessary, deprecated
  related                    notes, each with its own file, line and column
  fixes                      title and edits
  rendered                   the text as the tool printed it

exit status: 0, with or without diagnostics; 125 if buildd itself failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--task", default="", metavar="TASK", help="show only those of this task")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the diagnostics."""
    result = connect().request(
        "buildd/diagnostics", project=project_of(arguments), task=arguments.task
    )
    found = result["diagnostics"]
    if arguments.json:
        print_json(found)
        return 0
    print(diagnostics_text(found, Style(sys.stdout), current_directory()), end="")
    print(totals(found) or "no diagnostics")
    return 0
