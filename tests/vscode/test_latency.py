"""The time that the daemon, the extension and VS Code add to a compile.

`make test-vscode ARGS="-k latency -s"` prints it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.support.client import Client
from tests.support.daemon import Daemon
from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles
from tests.support.vscode import Window

TASKS = """
[tasks.build]
run = "make"
on-save = ["*.c"]
"""

WATCH = """
() => {
  const seen = (window.seen = { saved: 0, shown: 0 });
  const isSave = (event) => event.ctrlKey && event.key === "s";
  document.addEventListener("keydown", (event) => {
    if (isSave(event)) Object.assign(seen, { saved: performance.now(), shown: 0 });
  }, true);
  new MutationObserver(() => {
    if (!seen.shown && document.querySelector(".squiggly-error")) seen.shown = performance.now();
  }).observe(document.body, { subtree: true, childList: true });
}
"""

ROUNDS = 5


def newest(client: Client, project: ProjectFiles) -> dict[str, Any]:
    """The run that has ended last; empty before the first."""
    runs = client.request("buildd/history", project=project.path)["runs"]
    return runs[0]["run"] if runs else {}


def test_latency_from_save_to_squiggle(
    make_project: Callable[..., ProjectFiles], open_window: Callable[..., Window], daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": TASKS, "Makefile": MAKEFILE, "lib.c": FIXED_C})
    client = daemon.connect()
    window = open_window(project.path)
    window.open_file("lib.c")
    window.ready()
    window.page.evaluate(WATCH)
    beyond, compiles = [], []
    for _ in range(ROUNDS):
        window.replace("number;", "numbr;")
        window.save()
        window.until(lambda: window.page.evaluate("seen.shown > 0"))
        expect(window.squiggles).to_be_visible()
        # It shows before the build has ended.
        window.until(lambda: newest(client, project).get("exitStatus"))
        took = window.page.evaluate("seen.shown - seen.saved")
        run = newest(client, project)
        built = (run["ended"] - run["started"]) * 1000
        compiles.append(built)
        beyond.append(took - built)
        window.replace("numbr;", "number;")
        window.save()
        expect(window.squiggles).to_have_count(0)
    print(
        f"\nsave key to squiggle, beyond the compile ({statistics.median(compiles):.0f} ms): "
        f"median {statistics.median(beyond):.0f} ms, "
        f"of {sorted(round(duration) for duration in beyond)}"
    )
    assert statistics.median(beyond) < 10_000
