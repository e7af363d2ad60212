"""Helix, alone and beside Emacs on the same project."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.clients.editors.conftest import CONFIGURATIONS, Settled, Start
from tests.clients.editors.test_emacs import EGLOT
from tests.clients.editors.test_emacs import command as emacs_command
from tests.support.daemon import Daemon, listens, wait_until
from tests.support.screen import Screen

CONFIGURATION = os.path.join(CONFIGURATIONS, "helix", "languages.toml")

MARK = "\N{BLACK CIRCLE}"
"""Beside each line with a diagnostic, and in the status line; messages show at the cursor only."""

StartHelix = Callable[[str, str], Screen]


@pytest.fixture
def start_helix(directory: str, start: Start) -> StartHelix:
    """Start it on a file in a directory."""
    settings = os.path.join(directory, "home", "hx", "config", "helix")
    os.makedirs(settings)
    os.symlink(CONFIGURATION, os.path.join(settings, "languages.toml"))
    return lambda file, cwd: start("hx", file, cwd=cwd)


def misspell(screen: Screen) -> None:
    """Make `strm->state;` `strm->stats;`, where it stands first, and leave the cursor on it."""
    screen.type("gg/strm->state;\r")
    screen.until("1 sel  112:")
    screen.type("cstrm->stats;")
    screen.until(" INS ")
    screen.type("\x1b")
    screen.until(" NOR ")
    screen.type("hh")
    screen.until("strm->stats;")


def test_it_trusts_by_a_code_action_shows_the_error_and_applies_the_fix(
    project: str, directory: str, start_helix: StartHelix, settled: Settled
) -> None:
    # Started elsewhere: which project a file belongs to, the daemon finds.
    screen = start_helix("zlib/inflate.c", directory)
    screen.until("run `buildd trust`")
    screen.type(":open zlib/buildd.toml\r")
    screen.until("not trusted in its present form")
    screen.type(" a")
    screen.until("Trust this configuration")
    screen.type("\r")
    screen.until_gone("not trusted in its present form")
    screen.type(":open zlib/inflate.c\r")
    screen.until("Mark Adler")

    misspell(screen)
    screen.type(":w\r")
    screen.until("has no member named")
    settled()
    screen.type(" a")
    screen.until("Replace with `state`")
    screen.type("\r")
    screen.until_gone("strm->stats;")
    screen.type(":w\r")
    screen.until_gone(MARK)

    screen.type(":lsp-workspace-command buildd.status\r")
    screen.until("build: exit status 0; 0 errors")


def test_two_editors_see_the_same(
    project: str, daemon: Daemon, start: Start, start_helix: StartHelix
) -> None:
    daemon.trust(project)
    emacs = start("emacs", "-Q", "-l", EGLOT, "inflate.c", cwd=project)
    helix = start_helix("inflate.c", project)
    emacs.until("[eglot:")
    emacs_command(emacs, "flymake-show-buffer-diagnostics")
    helix.until("Mark Adler")
    misspell(helix)
    helix.type(":w\r")
    helix.until("has no member named")
    emacs.until("has no member named")
    helix.type("u:w\r")
    helix.until_gone(MARK)
    emacs.until_gone("has no member named")


def test_it_outlives_the_daemon_without_being_restarted(
    project: str, daemon: Daemon, start_helix: StartHelix, settled: Settled
) -> None:
    daemon.trust(project)
    helix = start_helix("inflate.c", project)
    helix.until("Mark Adler")
    misspell(helix)
    helix.type(":w\r")
    helix.until("has no member named")
    settled()
    client = daemon.connect()
    client.request("buildd/history", project=project)  # once it is stored
    daemon.kill()
    wait_until(lambda: listens(daemon.socket_path))
    helix.until(MARK)
    helix.type("u:w\r")
    helix.until_gone(MARK)
