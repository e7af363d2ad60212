"""`buildd status`: show the daemon, its projects, their environments and tasks."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.words import command_line, counted, seconds
from buildd_cli.arguments import add_json
from buildd_cli.daemon.connection import Connection, DaemonError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.terminal import (
    BOLD,
    RED,
    Style,
    clean,
    print_json,
    size,
    table,
)
from buildd_cli.task_run import exit_text

HELP = """
Show the daemon and the project: its environments, its tasks, and how their last runs ended.

It answers at once, even while builds are running. Only --caches has to ask the container engines,
for the sizes.

examples:
  buildd status
  buildd status --all       all projects that the daemon knows
  buildd status --caches    the project's caches and the shared ones, with their sizes
  buildd status --json | jq .socket

exit status: 0; 125 if buildd itself failed.
"""

NO_PROJECT = -32009

Wire = Mapping[str, Any]
"""An object as on the wire."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--all", action="store_true", help="show all projects the daemon knows")
    parser.add_argument(
        "--caches", action="store_true", help="show only the caches and their sizes"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the status."""
    connection = connect(tell=False)
    project = "" if arguments.all else project_of(arguments)
    try:
        status = connection.request("buildd/status", project=project)
    except DaemonError as error:
        # Outside a project, show only the daemon.
        if error.code != NO_PROJECT or arguments.project:
            raise
        status = connection.request("buildd/status")
    if arguments.caches:
        _print_caches(connection, [project["path"] for project in status["projects"]], arguments)
        return 0
    if arguments.json:
        print_json(status)
        return 0
    style = Style(sys.stdout)
    lines = daemon_lines(status)
    for project_status in status["projects"]:
        lines += ["", *_project_lines(project_status, style)]
    print("\n".join(lines))
    return 0


def _print_caches(
    connection: Connection, projects: Sequence[str], arguments: argparse.Namespace
) -> None:
    listed = connection.request("buildd/belongings", scope="all")
    caches = [
        item
        for item in listed.get("belongings", ())
        if item["kind"] == "cache" and item["project"] in ("", *projects)
    ]
    if arguments.json:
        print_json({"caches": caches, "problems": listed.get("problems", [])})
        return
    rows: list[tuple[str, ...]] = [
        (
            clean(cache["name"]),
            size(cache["size"]) if cache.get("size", -1) >= 0 else "size unknown",
            clean(cache["project"]) or "shared by several projects",
        )
        for cache in caches
    ]
    print("\n".join(table(rows)) if rows else "there are no caches")
    for problem in listed.get("problems", ()):
        print(clean(problem), file=sys.stderr)


def daemon_lines(status: Wire) -> list[str]:
    """Return the lines about the daemon itself."""
    return [
        (
            f"daemon {status['version']}, process {status['pid']}, up {seconds(status['uptime'])}, "
            f"{status['memory'] >> 20} MiB, {counted(status['sessions'], 'session')}, "
            f"{counted(status['runs'], 'run')}"
        ),
        f"  socket {status['socket']}",
        f"  log    {status['log']}",
        *_setting_lines(status),
    ]


def _setting_lines(status: Wire) -> list[str]:
    """The settings that are not by default, and what is not in effect."""
    chosen = [
        f"{one['key']} {clean(one['value'])} ({one['source']})"
        for one in status.get("settings", ())
        if one["source"] != "default"
    ]
    lines = [f"  uses   {', '.join(chosen)}"] if chosen else []
    return lines + [f"  note   {clean(remark)}" for remark in status.get("remarks", ())]


def _project_lines(project: Wire, style: Style) -> list[str]:
    trusted = "trusted" if project["trusted"] else "not trusted: run `buildd trust`"
    lines = [f"{style.paint(clean(project['path']), BOLD)} ({trusted})"]
    if project.get("error"):
        lines.append(f"  {style.paint('error', BOLD, RED)}: {clean(project['error'])}")
    environments = [_environment_row(status) for status in project.get("environments", ())]
    if environments:
        lines += ["  environments", *table(environments, "    ")]
        lines += [
            f"    {environment['name']}: {clean(remark)}"
            for environment in project["environments"]
            for remark in environment.get("remarks", ())
        ]
    tasks = [_task_row(task) for task in project.get("tasks", ())]
    if tasks:
        lines += ["  tasks", *table(tasks, "    ")]
    return lines


def _environment_row(status: Wire) -> tuple[str, ...]:
    details = [
        f"image {status['image']}" if status.get("image") else "",
        f"container {status['container'][:12]}" if status.get("container") else "",
        f"changed since: {' '.join(status['changed'])}" if status.get("changed") else "",
        status.get("detail", ""),
        f"slower, with one exec per run: {status['slow']}" if status.get("slow") else "",
    ]
    text = clean(", ".join(filter(None, details)))
    return status["name"], status["engine"], status["state"], text


def _task_row(task: Wire) -> tuple[str, ...]:
    text = command_line(task["command"])
    found = [
        counted(task[key], noun)
        for key, noun in (("errors", "error"), ("warnings", "warning"))
        if task.get(key)
    ]
    return (
        task["name"],
        task["environment"],
        "on save" if task["onSave"] else "",
        ", ".join((_last_text(task), *found)),
        _shorten(clean(" ".join(text.split()))),
    )


def _last_text(task: Wire) -> str:
    """Return the state of the task's newest run, as `running for 3.0 s (4f2a90c1)`."""
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
