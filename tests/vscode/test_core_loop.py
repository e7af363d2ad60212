"""The core loop: save, see the error; fix, save, see it gone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles
from tests.support.vscode import Window

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n'


def test_a_save_shows_the_error_and_a_fix_clears_it(
    make_project: Callable[..., ProjectFiles], open_window: Callable[..., Window]
) -> None:
    project = make_project(
        {"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": FIXED_C}, engine="host"
    )
    window = open_window(project.path)
    window.picture("opened")
    window.open_file("lib.c")
    expect(window.status).to_contain_text("buildd")
    window.replace("number;", "numbr;")
    window.save()
    expect(window.squiggles).to_be_visible()
    window.picture("broken")
