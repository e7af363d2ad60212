"""Emacs: Eglot alone, Eglot with a second server, lsp-mode."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.clients.editors.conftest import CONFIGURATIONS, PROGRAMS, Settled, Start
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.screen import Screen

EGLOT = os.path.join(CONFIGURATIONS, "emacs", "buildd.el")
LSP_MODE = os.path.join(CONFIGURATIONS, "emacs", "buildd-lsp-mode.el")


def command(screen: Screen, name: str) -> None:
    """M-x."""
    screen.type(f"\x1bx{name}\r")


def save(screen: Screen) -> None:
    screen.type("\x18\x13")


def misspell(screen: Screen) -> None:
    """Make `strm->state;` `strm->stats;`, where it stands first, and leave the cursor on it."""
    screen.type("\x1b<\x13strm->state;\r\x7f\x7fs;\x02\x02")


def test_eglot_asks_for_trust_shows_the_error_and_applies_the_fix(
    project: str, start: Start, settled: Settled
) -> None:
    screen = start("emacs", "-Q", "-l", EGLOT, "inflate.c", cwd=project)
    screen.until("Choose an option: Not now")
    screen.until("$ make libz.a")
    screen.type("\x01\x0bTrust this configuration\r")
    screen.until_gone("Choose an option")
    command(screen, "flymake-show-buffer-diagnostics")
    screen.until("Backend")

    misspell(screen)
    save(screen)
    screen.until("has no member named")
    settled()

    command(screen, "eglot-code-actions")
    screen.until("Replace with `state`")
    screen.type("\r")
    screen.until_gone("strm->stats;")
    save(screen)
    screen.until_gone("has no member named")

    screen.type("\x15")
    command(screen, "buildd-command")
    screen.until("Command:")
    screen.type("buildd.run\r")
    screen.until("Arguments:")
    screen.type("build\r")
    screen.until("buildd.run: finished (0), 0 diagnostics")


def test_eglot_with_another_server_beside_it(directory: str, start: Start, daemon: Daemon) -> None:
    project = os.path.join(directory, "python")
    os.mkdir(project)
    with open(os.path.join(project, "buildd.toml"), "w", encoding="utf-8") as file:
        file.write('[environments.build]\nengine = "host"\n[tasks.build]\n')
        file.write("run = \"echo 'm.py:2: error: from the build'\"\n")
        file.write('on-save = true\nparsers = ["mypy"]\n')
    with open(os.path.join(project, "m.py"), "w", encoding="utf-8") as file:
        file.write("import os\nx = 1\n")
    daemon.trust(project)
    # rass goes on without a server that has not answered after three seconds: on a slow machine the
    # daemon needs them for what it loads for the first editor.
    daemon.connect().request("initialize", rootUri=f"file://{project}", capabilities={})
    beside = '(setq buildd-beside \'((python-mode "ruff" "server")))'
    screen = start("emacs", "-Q", "-l", EGLOT, "--eval", beside, "m.py", cwd=project)
    screen.until("[eglot:")
    screen.type("\x1b>y = 2\r")
    save(screen)
    screen.until("Flymake[1 2]")
    command(screen, "flymake-show-buffer-diagnostics")
    screen.until("from the build")
    screen.until("imported but unused")


def test_lsp_mode_shows_the_error_and_applies_the_fix(
    project: str, directory: str, start: Start, daemon: Daemon, settled: Settled
) -> None:
    daemon.trust(project)
    settings = f'(setq lsp-auto-guess-root t lsp-session-file "{directory}/session")'
    begin = "(add-hook 'c-mode-hook #'lsp)"
    options = [
        *("-Q", "--eval", settings, "-l", "lsp-mode-autoloads", "-l", LSP_MODE),
        *("--eval", begin, "inflate.c"),
    ]
    os.mkdir(os.path.join(project, ".git"))
    screen = start("emacs", *options, cwd=project)
    screen.until("initialized successfully")
    misspell(screen)
    save(screen)
    command(screen, "flymake-show-buffer-diagnostics")
    screen.until("has no member named")
    settled()
    command(screen, "lsp-execute-code-action")
    screen.until_gone("strm->stats;")
    save(screen)
    screen.until_gone("has no member named")


@pytest.mark.parametrize("file", [EGLOT, LSP_MODE])
def test_the_byte_compiler_has_nothing_to_say(file: str, directory: str) -> None:
    program = os.path.join(PROGRAMS, "emacs")
    if not os.path.exists(program):
        pytest.skip("set-up found no emacs")
    copy = os.path.join(directory, os.path.basename(file))
    os.symlink(file, copy)
    strict = "(setq byte-compile-error-on-warn t)"
    options = ["-Q", "--batch", "--eval", strict, "-f", "batch-byte-compile", copy]
    result = subprocess.run([program, *options], capture_output=True, text=True, timeout=TIMEOUT)
    assert result.returncode == 0, result.stderr
