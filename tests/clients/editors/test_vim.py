"""Vim with ALE."""

from __future__ import annotations

import os

from tests.clients.editors.conftest import CONFIGURATIONS, Settled, Start
from tests.support.daemon import Daemon

CONFIGURATION = os.path.join(CONFIGURATIONS, "vim-ale", "buildd.vim")

SETTINGS = f"""\
set nocompatible noswapfile
set runtimepath^=$ALE
let g:ale_linters = {{'c': ['buildd']}}
source {CONFIGURATION}
filetype plugin on
"""


def test_ale_says_who_is_not_trusted_shows_the_error_and_applies_the_fix(
    project: str, directory: str, daemon: Daemon, start: Start, settled: Settled
) -> None:
    settings = os.path.join(directory, "vimrc")
    with open(settings, "w", encoding="utf-8") as file:
        file.write(SETTINGS)
    screen = start("vim", "-u", settings, "inflate.c", cwd=project)
    screen.until("run `buildd trust`")
    daemon.trust(project)

    screen.type(":112s/strm->state;/strm->stats;/\r:w\r")
    screen.until("has no member named")
    settled()
    screen.type("$hh")
    screen.type(":ALECodeAction\r")
    screen.until("Replace by `state`")
    screen.type("1\r")
    screen.until_gone("strm->stats;")
    screen.type(":w\r")
    screen.until_gone("has no member named")
