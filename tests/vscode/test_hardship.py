"""What goes wrong while the window is open, and huge amounts of output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from buildd.protocol import PROTOCOL_VERSION
from tests.clients.terminal.test_handshake import start_other
from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles
from tests.support.vscode import Window

LONGEST_FRAME = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const until = performance.now() + 3000;
  let longest = 0;
  let last = performance.now();
  while (performance.now() < until) {
    await frame();
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  return longest;
}
"""
"""The longest time between two frames within three seconds, in milliseconds."""

Make = Callable[..., ProjectFiles]
Open = Callable[..., Window]

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n'


@pytest.fixture
def project(make_project: Make) -> ProjectFiles:
    return make_project({"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": FIXED_C})


def pid(daemon: Daemon) -> int:
    """The daemon's process; 0 while there is none."""
    try:
        client = Client(daemon.socket_path)
    except OSError:
        return 0
    try:
        number: int = client.request("buildd/status")["pid"]
    except (OSError, AssertionError):
        return 0
    finally:
        client.close()
    return number


def is_stored(daemon: Daemon, project: ProjectFiles) -> bool:
    """Whether a run that found errors has ended, and is on the disk."""
    client = daemon.connect()
    runs = client.request("buildd/history", project=project.path)["runs"]
    client.close()
    return bool(runs and runs[0].get("errors"))


def test_no_command_is_said_with_its_remedy(project: ProjectFiles, open_window: Open) -> None:
    project.write(".vscode/settings.json", json.dumps({"buildd.path": "/nowhere/buildd"}))
    window = open_window(project.path)
    expect(window.status).to_contain_text("not installed")
    window.told("was not found (looked in /nowhere/buildd)")
    window.told("set `buildd.path`")
    window.picture("missing")
    window.status.click()
    expect(window.entries.first).to_contain_text("How to install")
    window.press("Escape")
    # Corrected: it goes on without a reload.
    os.unlink(project.file(".vscode/settings.json"))
    window.ready()
    expect(window.status).not_to_contain_text("not installed")


def test_no_engine_is_said_with_its_remedy(make_project: Make, open_window: Open) -> None:
    files = {"buildd.toml": f'engine = "podman"\n{BUILD}', "lib.c": FIXED_C}
    project = make_project(files, engine="docker")
    window = open_window(project.path)
    window.open_file("lib.c")
    window.ready()
    window.replace("number;", "numbr;")
    window.save()
    window.told("no Podman engine answers")
    window.told("or set CONTAINER_HOST")
    expect(window.status).to_contain_text("environment")
    window.picture("said")
    # No terminal that is gone before it can be read.
    window.command("buildd: Open Container Shell")
    told = window.notifications.filter(has_text="open shell failed: no Podman engine answers")
    expect(told).to_be_visible()
    expect(window.page.locator(".terminal-wrapper")).to_have_count(0)


def test_a_daemon_of_another_version_is_said_with_its_remedy(
    project: ProjectFiles, open_window: Open, directory: str
) -> None:
    other = Daemon(f"{directory}/r-other", f"{directory}/s-other")
    newer = start_other(other, directory, "99.0", protocol=PROTOCOL_VERSION + 1)
    buildd = Path(sys.executable).with_name("buildd")
    variables = ("BUILDD_RUNTIME_DIR", "BUILDD_STATE_DIR", "BUILDD_CONFIG_DIR")
    setting = " ".join(f"{name}={other.environment[name]}" for name in variables)
    script = project.write("other", f'#!/bin/sh\nexec env {setting} {buildd} "$@"\n')
    os.chmod(script, 0o755)
    project.write(".vscode/settings.json", json.dumps({"buildd.path": script}))
    try:
        window = open_window(project.path)
        window.told("different versions of the protocol")
        window.told("buildd daemon restart --force")
        window.picture("said")
        window.status.click()
        expect(window.entries.first).to_contain_text("different versions of the protocol")
        window.press("Escape")
        subprocess.run([script, "daemon", "restart", "--force"], check=True, timeout=TIMEOUT)
        assert newer.wait(TIMEOUT) == 0
        # It goes on by itself.
        expect(window.status).to_contain_text("not trusted")
    finally:
        other.close()


def test_the_daemon_is_killed_while_the_window_is_open(
    project: ProjectFiles, open_window: Open, daemon: Daemon
) -> None:
    window = open_window(project.path)
    window.open_file("lib.c")
    window.ready()
    window.replace("number;", "numbr;")
    window.save()
    expect(window.squiggles.first).to_be_visible()
    # What is being stored when the daemon dies is lost with it.
    window.until(lambda: is_stored(daemon, project))
    before = pid(daemon)
    os.kill(before, signal.SIGKILL)
    window.until(lambda: pid(daemon) not in (0, before))
    # What was known comes back, and the next save is built.
    expect(window.squiggles.first).to_be_visible()
    window.ready()
    window.picture("back")
    window.replace("numbr;", "number;")
    window.save()
    expect(window.squiggles).to_have_count(0)


def test_the_configuration_is_broken_while_the_window_is_open(
    project: ProjectFiles, open_window: Open
) -> None:
    window = open_window(project.path)
    window.open_file("buildd.toml")
    window.ready()
    window.replace("on-save", "on-sav")
    window.save()
    expect(window.squiggles.first).to_be_visible()
    expect(window.status).to_contain_text("configuration")
    window.press("Control+Shift+m")
    expect(window.problems.filter(has_text="on-save").first).to_be_visible()
    window.picture("broken")
    window.status.click()
    expect(window.entries.first).to_contain_text("has an error")
    window.press("Escape")
    window.replace("on-sav =", "on-save =")
    window.save()
    expect(window.squiggles).to_have_count(0)
    expect(window.status).not_to_contain_text("configuration")


def test_thousands_of_diagnostics(make_project: Make, open_window: Open) -> None:
    count = 5000
    lines = "\n".join(f"lib.c:{n}:1: error: number {n} of many" for n in range(1, count + 1))
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "cat log; exit 1"\non-save = ["*.c"]\n',
            "log": lines + "\n",
            "lib.c": "int x;\n" * count,
        }
    )
    window = open_window(project.path)
    window.open_file("lib.c")
    window.ready()
    window.editor.click()
    window.type("//")
    window.save()
    expect(window.squiggles.first).to_be_visible()
    expect(window.status).to_contain_text(str(count))
    window.press("Control+Shift+m")
    expect(window.problems.filter(has_text="of many").first).to_be_visible()
    window.picture("thousands")
    # It takes keys as before.
    window.editor.click()
    window.type("still quick ")
    expect(window.line("still quick")).to_be_visible()


def test_a_million_lines_with_the_log_open(make_project: Make, open_window: Open) -> None:
    project = make_project(
        {
            "buildd.toml": BUILD + '\n[tasks.flood]\nrun = "seq 1 1000000; echo the end"\n',
            "Makefile": MAKEFILE,
            "lib.c": BROKEN_C,
        }
    )
    window = open_window(project.path)
    window.open_file("lib.c")
    window.ready()
    window.command("buildd: Show Live Log")
    expect(window.terminal).to_contain_text("No task has run yet")
    window.command("buildd: Run Task")
    window.choose("flood")
    longest = window.page.evaluate(LONGEST_FRAME)
    print(f"\nlongest frame while a million lines come: {longest:.0f} ms")
    assert longest < 10_000
    expect(window.terminal).to_contain_text("✔ flood succeeded")
    expect(window.terminal).to_contain_text("the end")
    window.picture("flood")
    # It takes keys as before, and the next save is built.
    window.editor.click()
    window.type("/**/")
    expect(window.line("/**/")).to_be_visible()
    window.save()
    expect(window.squiggles.first).to_be_visible()
