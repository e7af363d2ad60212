"""`buildd diagnostics`: what shows now."""

from __future__ import annotations

import argparse
import sys

from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import current_directory, project_of
from buildd_cli.render import diagnostics_text, totals
from buildd_cli.terminal import Style, print_json

HELP = """
Show the diagnostics that the project's tasks now own, as an editor shows them. Nothing is run.

examples:
  buildd diagnostics
  buildd diagnostics --task lint
  buildd diagnostics --json | jq '.[] | select(.severity == "error") | .file'

With --json, an array of objects with: file (absolute), line, column, endLine, endColumn (from 1,
columns in characters, ends exclusive), severity (error, warning, information, hint), code,
message, source, href (documentation of the code), tags (unnecessary, deprecated), related (notes,
with places of their own), fixes (title, edits), rendered (as the tool printed it).

exit status: 0, whether or not there are any; 125 where buildd failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--task", default="", metavar="TASK", help="only those of this task")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print them."""
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
