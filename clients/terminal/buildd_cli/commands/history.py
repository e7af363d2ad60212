"""`buildd history`: how runs went before, and what they took."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.words import counted, seconds
from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.task import exit_text
from buildd_cli.terminal import (
    BOLD,
    DIM,
    GREEN,
    RED,
    YELLOW,
    Style,
    print_json,
    table,
)

HELP = """
Show how the project's tasks went: for each, the slowest first, how often it failed, what it takes,
and a chart of its runs' durations, oldest to newest (a failed run is red). With a task: its runs.

examples:
  buildd history
  buildd history test --limit 20
  buildd history --json | jq '.runs[].run.exitStatus'

The newest 100 runs of each task are remembered; `buildd logs RUN` has the output of the newest 10.

exit status: 0, or 125 where buildd failed.
"""

BARS = "▁▂▃▄▅▆▇█"
CHART = 30
"""Runs that a chart shows."""

Entry = Mapping[str, Any]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("task", nargs="?", default="", metavar="TASK", help="its runs, one by one")
    parser.add_argument("--limit", type=int, default=1000, metavar="N", help="the newest N runs")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    result = connect().request(
        "buildd/history",
        project=project_of(arguments),
        task=arguments.task,
        limit=max(0, arguments.limit),
    )
    if arguments.json:
        print_json(result)
        return 0
    runs = result["runs"]
    style = Style(sys.stdout)
    if not runs:
        print(f"{arguments.task} has not run yet" if arguments.task else "nothing has run yet")
    elif arguments.task:
        print("\n".join(_runs(runs, style)))
    else:
        print("\n".join(_tasks(runs, style)))
    return 0


def chart(durations: Sequence[float]) -> str:
    """`▁▂█`: each duration against the longest."""
    longest = max(durations, default=0.0) or 1.0
    return "".join(BARS[min(7, int(8 * one / longest))] for one in durations)


def _tasks(entries: Sequence[Entry], style: Style) -> list[str]:
    by_task: dict[str, list[Entry]] = {}
    for one in reversed(entries):
        by_task.setdefault(one["run"]["task"], []).append(one)
    rows = []
    for task, runs in by_task.items():
        finished = [one for one in runs if one["run"]["state"] == "finished"]
        if finished:
            rows.append((statistics.median(map(took, finished)), task, runs, finished))
    lines = []
    width = max((len(task) for task in by_task), default=0)
    for median, task, runs, finished in sorted(rows, key=lambda row: (-row[0], row[1])):
        failed = sum(one["run"]["exitStatus"] != 0 for one in finished)
        rate = f"{failed} of {len(finished)} failed ({100 * failed // len(finished)} %)"
        other = len(runs) - len(finished)
        if other:
            rate += f", {other} did not finish"
        longest = max(map(took, finished))
        shown = finished[-CHART:]
        bars = "".join(
            style.paint(bar, RED if one["run"]["exitStatus"] else GREEN)
            for bar, one in zip(chart(list(map(took, shown))), shown, strict=True)
        )
        lines.append(
            f"{style.paint(f'{task:{width}}', BOLD)}  median {seconds(median):>9}, "
            f"longest {seconds(longest):>9}  {bars}  {rate}"
        )
    return lines or ["no run has finished yet"]


def _runs(entries: Sequence[Entry], style: Style) -> list[str]:
    now = time.time()
    longest = max(map(took, entries)) or 1.0
    rows: list[tuple[str, ...]] = []
    for one in entries:
        run = one["run"]
        found = [
            counted(one[key], noun)
            for key, noun in (("errors", "error"), ("warnings", "warning"))
            if one.get(key)
        ]
        bar = "█" * max(1, round(10 * took(one) / longest)) if run.get("started") else ""
        rows.append(
            (
                str(run["id"]),
                f"{seconds(max(0.0, now - run['ended']))} ago",
                str(run["trigger"]),
                seconds(took(one)),
                bar,
                _verdict(run),
                ", ".join(found),
            )
        )
    colours = {"succeeded": GREEN, "cancelled": YELLOW, "lost": YELLOW}
    lines = table(rows)
    return [
        style.paint(line, colours.get(row[5], RED) if row[5] != "queued" else DIM)
        for line, row in zip(lines, rows, strict=True)
    ]


def _verdict(run: Mapping[str, Any]) -> str:
    if run["state"] != "finished":
        return str(run["state"])
    return "succeeded" if run["exitStatus"] == 0 else exit_text(run["exitStatus"])


def took(entry: Entry) -> float:
    """Seconds that the command ran."""
    run = entry["run"]
    return max(0.0, run["ended"] - run["started"]) if run.get("started") else 0.0
