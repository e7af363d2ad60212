"""The core loop on a real C project: save, see the error, fix it, see it gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.project import ProjectFiles
from tests.support.vscode import ROOT, Window

SOURCE = ROOT / ".cache" / "sources" / "zlib"

BUILD = """\
[tasks.build]
run = "[ -f configure.log ] || ./configure >/dev/null; make libz.a"
env = { CFLAGS = "-O -fdiagnostics-parseable-fixits" }
on-save = ["**/*.c", "**/*.h"]
"""


@pytest.fixture
def zlib(make_project: Callable[..., ProjectFiles], engines: list[str]) -> ProjectFiles:
    project = make_project({"buildd.toml": BUILD}, engine=engines[-1])
    shutil.copytree(
        SOURCE, project.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git", "contrib")
    )
    return project


def test_a_save_shows_the_error_and_a_fix_clears_it(
    zlib: ProjectFiles, open_window: Callable[..., Window]
) -> None:
    window = open_window(zlib.path)
    window.open_file("adler32.c")
    window.ready()
    window.picture("opened")
    window.replace("adler &= 0xffff;", "adlr &= 0xffff;")
    window.save()
    expect(window.squiggles.first).to_be_visible()
    window.press("Control+Shift+m")
    expect(window.problems.filter(has_text="adlr").first).to_be_visible()
    expect(window.status).to_contain_text("1")
    expect(window.status.locator(".codicon-error").first).to_be_visible()
    window.picture("broken")
    # At its end a build tells everything again, and the entries may move.
    window.ready()
    window.problems.filter(has_text="adlr").first.dblclick()
    window.page.locator(".editor-instance .monaco-editor.focused").wait_for()
    fix = window.quick_fix("adler")
    window.picture("fixes")
    fix.click()
    expect(window.line("adler &= 0xffff;")).to_be_visible()
    window.save()
    expect(window.squiggles).to_have_count(0)
    expect(window.problems.filter(has_text="adlr")).to_have_count(0)
    expect(window.status.locator(".codicon-pass")).to_be_visible()
    window.picture("fixed")
