"""`buildd clean`: show and remove what buildd has created for projects."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.prompt import confirm
from buildd_cli.output.terminal import BOLD, YELLOW, Style, clean, print_json, size, table

HELP = """
Remove what buildd has created for a project: containers, images, caches, logs and results.

It lists everything with its size, and asks before it removes anything. It never removes files of
the project, or anything that buildd did not create: images that were only pulled stay. Your consent
to the project's configuration stays as long as the project's directory exists.

examples:
  buildd clean
  buildd clean ~/src/zlib --show
  buildd clean --cache gomod    only the cache of that name
  buildd clean --orphans        of projects whose directory no longer exists
  buildd clean --all --yes      of all projects, without asking

exit status: 0 if everything listed was removed, or with --show; 1 if you answered no or something
could not be removed; 125 if buildd itself failed or there is no terminal to ask on.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "directory", nargs="?", metavar="DIR", help="the project's directory (default: this one)"
    )
    whose.add_argument("--all", action="store_true", help="clean all projects")
    whose.add_argument(
        "--orphans", action="store_true", help="clean projects whose directory no longer exists"
    )
    parser.add_argument("--cache", metavar="NAME", help="remove only the cache of that name")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="remove without asking")
    how.add_argument("--show", action="store_true", help="only list what would be removed")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show what there is, ask, and remove it."""
    connection = connect()
    scope = "all" if arguments.all else "orphans" if arguments.orphans else "project"
    project = project_of(arguments, arguments.directory) if scope == "project" else ""
    listed = connection.request("buildd/belongings", project=project, scope=scope)
    found = [item for item in listed.get("belongings", ()) if _is_wanted(item, arguments.cache)]
    problems = listed.get("problems", [])
    if not arguments.json:
        _show(found)
        _print_problems(problems)
    removed: list[str] = []
    if found and not arguments.show:
        question = f"Remove {'this' if len(found) == 1 else 'these'}{_total(found)}?"
        remedy = "Nothing was removed. Use `--yes` to remove without asking."
        if not (arguments.yes or confirm(question, remedy)):
            print("nothing was removed", file=sys.stderr)
            return 1
        result = connection.request("buildd/clean", belongings=[item["id"] for item in found])
        removed = result.get("removed", [])
        problems = [*problems, *result.get("problems", ())]
        if not arguments.json:
            _print_problems(result.get("problems", ()))
            print(f"removed{_total([item for item in found if item['id'] in removed])}")
    if arguments.json:
        print_json({"belongings": found, "removed": removed, "problems": problems})
    return 1 if problems and not arguments.show else 0


def _is_wanted(item: Mapping[str, Any], cache: str | None) -> bool:
    return cache is None or (item["kind"] == "cache" and item["name"] == cache)


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    style = Style(sys.stdout)
    if not found:
        print("there is nothing to remove")
    for project, items in itertools.groupby(found, key=lambda item: str(item["project"])):
        print(style.paint(clean(project) or "shared by several projects", BOLD))
        rows: list[tuple[str, ...]] = [
            (item["kind"], clean(item["name"]), item.get("environment", ""), _size(item))
            for item in items
        ]
        print("\n".join(table(rows, "  ")))
    sys.stdout.flush()


def _size(item: Mapping[str, Any]) -> str:
    return size(item["size"]) if item.get("size", -1) >= 0 else "size unknown"


def _total(found: Sequence[Mapping[str, Any]]) -> str:
    total = sum(max(item.get("size", -1), 0) for item in found)
    return f" ({size(total)} in total)" if total else ""


def _print_problems(problems: Sequence[str]) -> None:
    style = Style(sys.stderr)
    for problem in problems:
        print(style.paint(clean(problem), YELLOW), file=sys.stderr)
