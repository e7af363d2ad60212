"""Vim with ALE."""

from __future__ import annotations

import os

from tests.clients.editors.conftest import CONFIGURATIONS, Settled, Start

CONFIGURATION = os.path.join(CONFIGURATIONS, "vim-ale", "buildd.vim")

SETTINGS = f"""\
set nocompatible hidden noswapfile
set runtimepath^=$ALE
let g:ale_linters = {{'c': ['buildd']}}
source {CONFIGURATION}
filetype plugin on
"""


def test_ale_trusts_by_a_code_action_shows_the_error_and_applies_the_fix(
    project: str, directory: str, start: Start, settled: Settled
) -> None:
    settings = os.path.join(directory, "vimrc")
    with open(settings, "w", encoding="utf-8") as file:
        file.write(SETTINGS)
    screen = start("vim", "-u", settings, "inflate.c", cwd=project)
    screen.until("run `buildd trust`")
    screen.type(":edit buildd.toml\r")
    screen.until("not trusted in its present form")
    screen.type(":ALECodeAction\r")
    screen.until("1) Trust this configuration")
    screen.type("1\r")
    screen.until_gone("not trusted in its present form")
    screen.type(":edit inflate.c\r")
    screen.until("Mark Adler")

    screen.type(":112s/strm->state;/strm->stats;/\r:w\r")
    screen.until("has no member named")
    settled()
    screen.type("$hh")
    screen.type(":ALECodeAction\r")
    screen.until("Replace with `state`")
    screen.type("1\r")
    screen.until_gone("strm->stats;")
    screen.type(":w\r")
    screen.until_gone("has no member named")
