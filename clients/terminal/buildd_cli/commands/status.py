"""`buildd status`: the daemon, its projects, their environments and tasks."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.words import command_line, counted, seconds
from buildd_cli.arguments import add_json
from buildd_cli.connection import Connection, DaemonError
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.task import exit_text
from buildd_cli.terminal import (
    BOLD,
    RED,
    Style,
    clean,
    print_json,
    size,
    table,
)

HELP = """
Show the daemon and the project: what is warm, what runs, how the last runs ended. No engine is
asked, and it answers while builds run; only `--caches` asks the engines for sizes.

examples:
  buildd status
  buildd status --all       every project that the daemon knows
  buildd status --caches    the project's caches, and those that projects share; what each takes
  buildd status --json | jq .socket

exit status: 0, or 125 where buildd failed.
"""

NO_PROJECT = -32009

Wire = Mapping[str, Any]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--all", action="store_true", help="every project that the daemon knows")
    parser.add_argument("--caches", action="store_true", help="caches, and what each takes")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    connection = connect()
    project = "" if arguments.all else project_of(arguments)
    try:
        status = connection.request("buildd/status", project=project)
    except DaemonError as error:
        # Outside any project, the daemon is what there is to show.
        if error.code != NO_PROJECT or arguments.project:
            raise
        status = connection.request("buildd/status")
    if arguments.caches:
        _print_caches(connection, [one["path"] for one in status["projects"]], arguments)
        return 0
    if arguments.json:
        print_json(status)
        return 0
    style = Style(sys.stdout)
    lines = daemon_lines(status)
    for one in status["projects"]:
        lines += ["", *_project_lines(one, style)]
    print("\n".join(lines))
    return 0


def _print_caches(
    connection: Connection, projects: Sequence[str], arguments: argparse.Namespace
) -> None:
    told = connection.request("buildd/belongings", scope="all")
    found = [
        one
        for one in told.get("belongings", ())
        if one["kind"] == "cache" and one["project"] in ("", *projects)
    ]
    if arguments.json:
        print_json({"caches": found, "problems": told.get("problems", [])})
        return
    rows: list[tuple[str, ...]] = [
        (
            clean(one["name"]),
            size(one["size"]) if one.get("size", -1) >= 0 else "size not known",
            clean(one["project"]) or "shared by several projects",
        )
        for one in found
    ]
    print("\n".join(table(rows)) if rows else "there are no caches")
    for problem in told.get("problems", ()):
        print(clean(problem), file=sys.stderr)


def daemon_lines(status: Wire) -> list[str]:
    """The daemon itself."""
    return [
        (
            f"daemon {status['version']}, process {status['pid']}, up {seconds(status['uptime'])}, "
            f"{status['memory'] >> 20} MiB, {counted(status['sessions'], 'session')}, "
            f"{counted(status['runs'], 'run')}"
        ),
        f"  socket {status['socket']}",
        f"  log    {status['log']}",
    ]


def _project_lines(project: Wire, style: Style) -> list[str]:
    trusted = "trusted" if project["trusted"] else "not trusted: `buildd trust` shows and asks"
    lines = [f"{style.paint(clean(project['path']), BOLD)} ({trusted})"]
    if project.get("error"):
        lines.append(f"  {style.paint('error', BOLD, RED)}: {clean(project['error'])}")
    environments = [_environment_row(one) for one in project.get("environments", ())]
    if environments:
        lines += ["  environments", *table(environments, "    ")]
        lines += [
            f"    {one['name']}: {clean(remark)}"
            for one in project["environments"]
            for remark in one.get("remarks", ())
        ]
    tasks = [_task_row(one) for one in project.get("tasks", ())]
    if tasks:
        lines += ["  tasks", *table(tasks, "    ")]
    return lines


def _environment_row(one: Wire) -> tuple[str, ...]:
    what = [
        f"image {one['image']}" if one.get("image") else "",
        f"container {one['container'][:12]}" if one.get("container") else "",
        f"changed since: {' '.join(one['changed'])}" if one.get("changed") else "",
        one.get("detail", ""),
        f"an exec for each run: {one['slow']}" if one.get("slow") else "",
    ]
    return one["name"], one["engine"], one["state"], clean(", ".join(filter(None, what)))


def _task_row(one: Wire) -> tuple[str, ...]:
    text = command_line(one["command"])
    found = [
        counted(one[key], noun)
        for key, noun in (("errors", "error"), ("warnings", "warning"))
        if one.get(key)
    ]
    return (
        one["name"],
        one["environment"],
        "on save" if one["onSave"] else "",
        ", ".join((_last_text(one), *found)),
        _shorten(clean(" ".join(text.split()))),
    )


def _last_text(task: Wire) -> str:
    """`running for 3.0 s (4f2a90c1)`, `exit status 2, 3 min 4 s ago (4f2a90c1)`."""
    now = time.time()
    if run := task.get("current"):
        since = run.get("started") or run["created"]
        return f"{run.get('state', 'queued')} for {seconds(now - since)} ({run['id']})"
    run = task.get("last")
    if not run:
        return "never run"
    how = run["state"]
    if how == "finished":
        status = run["exitStatus"]
        how = "succeeded" if status == 0 else exit_text(status)
    return f"{how} {seconds(max(0.0, now - run['ended']))} ago ({run['id']})"


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
