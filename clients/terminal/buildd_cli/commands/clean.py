"""`buildd clean`: what projects have left, shown and removed."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.question import agrees
from buildd_cli.terminal import BOLD, YELLOW, Style, clean, print_json, size, table

HELP = """
Remove what a project has left outside its directory: containers, the images that were built for
it, caches, logs and results. Shows it with what it takes, and asks. Nothing is touched that buildd
has not made for you; images that it only pulled stay, and so does your consent to the project's
configuration, as long as its directory is there.

examples:
  buildd clean
  buildd clean ~/src/zlib --show
  buildd clean --cache gomod    only the cache of that name
  buildd clean --orphans        what is left of projects whose directory is gone
  buildd clean --all --yes      of every project, without being asked

exit status: 0 where nothing is left of it (or it was only shown), 1 where you said no or something
stays, 125 where buildd failed or there is no terminal to ask on.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("directory", nargs="?", metavar="DIR", help="default: the present one")
    whose.add_argument("--all", action="store_true", help="what all projects have left")
    whose.add_argument(
        "--orphans", action="store_true", help="of the projects whose directory is gone"
    )
    parser.add_argument("--cache", metavar="NAME", help="only the cache of that name")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="remove it without being asked")
    how.add_argument("--show", action="store_true", help="show it, and nothing more")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show, ask, remove."""
    connection = connect()
    scope = "all" if arguments.all else "orphans" if arguments.orphans else "project"
    project = project_of(arguments, arguments.directory) if scope == "project" else ""
    told = connection.request("buildd/belongings", project=project, scope=scope)
    found = [one for one in told.get("belongings", ()) if _is_wanted(one, arguments.cache)]
    problems = told.get("problems", [])
    if not arguments.json:
        _show(found)
        _complain(problems)
    removed: list[str] = []
    if found and not arguments.show:
        question = f"Remove {'this' if len(found) == 1 else 'these'}{_together(found)}?"
        if not (arguments.yes or agrees(question, "Nothing was removed; `--yes` does it unasked.")):
            print("nothing was removed", file=sys.stderr)
            return 1
        result = connection.request("buildd/clean", belongings=[one["id"] for one in found])
        removed = result.get("removed", [])
        problems = [*problems, *result.get("problems", ())]
        if not arguments.json:
            _complain(result.get("problems", ()))
            print(f"removed{_together([one for one in found if one['id'] in removed])}")
    if arguments.json:
        print_json({"belongings": found, "removed": removed, "problems": problems})
    return 1 if problems and not arguments.show else 0


def _is_wanted(one: Mapping[str, Any], cache: str | None) -> bool:
    return cache is None or (one["kind"] == "cache" and one["name"] == cache)


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    style = Style(sys.stdout)
    if not found:
        print("there is nothing to remove")
    for project, ones in itertools.groupby(found, key=lambda one: str(one["project"])):
        print(style.paint(clean(project) or "shared by several projects", BOLD))
        rows: list[tuple[str, ...]] = [
            (one["kind"], clean(one["name"]), one.get("environment", ""), _size(one))
            for one in ones
        ]
        print("\n".join(table(rows, "  ")))
    sys.stdout.flush()


def _size(one: Mapping[str, Any]) -> str:
    return size(one["size"]) if one.get("size", -1) >= 0 else "size not known"


def _together(found: Sequence[Mapping[str, Any]]) -> str:
    total = sum(max(one.get("size", -1), 0) for one in found)
    return f", {size(total)} in all" if total else ""


def _complain(problems: Sequence[str]) -> None:
    style = Style(sys.stderr)
    for problem in problems:
        print(style.paint(clean(problem), YELLOW), file=sys.stderr)
