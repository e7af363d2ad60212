"""`buildd history`: show past runs and how long they took."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from buildd.base.words import counted, seconds
from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.terminal import (
    BOLD,
    DIM,
    GREEN,
    RED,
    YELLOW,
    Style,
    print_json,
    table,
)
from buildd_cli.task_run import exit_text

HELP = """
Show past runs of the project: how long they took and how often they failed.

Without a task: one line per task, the slowest task first, with a chart of its runs from the oldest
to the newest. Failed runs are red. With a task: one line per run, the newest first.

examples:
  buildd history
  buildd history test --limit 20
  buildd history --json | jq '.runs[].run.exitStatus'

The newest 100 runs of each task are kept, and the output of the newest 10 (see `buildd logs RUN`).

exit status: 0; 125 if buildd itself failed.
"""

BARS = "▁▂▃▄▅▆▇█"
MOST = 1_000_000
"""The most runs that the daemon sends at once; a test holds it equal to the daemon's."""

CHART = 30
"""The most runs that a chart shows."""

Entry = Mapping[str, Any]
"""One entry of `buildd/history`, as on the wire."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "task", nargs="?", default="", metavar="TASK", help="list the runs of this task"
    )
    parser.add_argument(
        "--limit",
        type=_limit,
        default=1000,
        metavar="N",
        help="use only the newest N runs (default: 1000)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the history."""
    result = connect().request(
        "buildd/history",
        project=project_of(arguments),
        task=arguments.task,
        limit=arguments.limit,
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


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"`{text}` is not a whole number from 0 to {MOST}")
    return int(text)


def chart(durations: Sequence[float]) -> str:
    """Return a bar for each duration, relative to the longest: `▁▂█`."""
    longest = max(durations, default=0.0) or 1.0
    return "".join(BARS[min(7, int(8 * duration / longest))] for duration in durations)


def _tasks(entries: Sequence[Entry], style: Style) -> list[str]:
    by_task: dict[str, list[Entry]] = {}
    for entry in reversed(entries):
        by_task.setdefault(entry["run"]["task"], []).append(entry)
    rows = []
    for task, runs in by_task.items():
        finished = [entry for entry in runs if entry["run"]["state"] == "finished"]
        if finished:
            rows.append((statistics.median(map(took, finished)), task, runs, finished))
    lines = []
    width = max((len(task) for task in by_task), default=0)
    for median, task, runs, finished in sorted(rows, key=lambda row: (-row[0], row[1])):
        failed = sum(entry["run"]["exitStatus"] != 0 for entry in finished)
        rate = f"{failed} of {len(finished)} failed ({100 * failed // len(finished)} %)"
        other = len(runs) - len(finished)
        if other:
            rate += f", {other} did not finish"
        longest = max(map(took, finished))
        shown = finished[-CHART:]
        bars = "".join(
            style.paint(bar, RED if entry["run"]["exitStatus"] else GREEN)
            for bar, entry in zip(chart(list(map(took, shown))), shown, strict=True)
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
    for entry in entries:
        run = entry["run"]
        found = [
            counted(entry[key], noun)
            for key, noun in (("errors", "error"), ("warnings", "warning"))
            if entry.get(key)
        ]
        bar = "█" * max(1, round(10 * took(entry) / longest)) if run.get("started") else ""
        rows.append(
            (
                str(run["id"]),
                f"{seconds(max(0.0, now - run['ended']))} ago",
                str(run["trigger"]),
                seconds(took(entry)),
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
    """Return how long the command ran, in seconds; 0 if it never started."""
    run = entry["run"]
    return max(0.0, run["ended"] - run["started"]) if run.get("started") else 0.0
