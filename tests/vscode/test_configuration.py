"""buildd.toml: created by a command, completed and explained from the schema; several folders."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles
from tests.support.vscode import CodeServer, Window

Make = Callable[..., ProjectFiles]
Open = Callable[..., Window]

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n'


def test_keys_and_values_are_completed(make_project: Make, open_window: Open) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "make"\n'})
    window = open_window(project.path)
    window.open_file("buildd.toml")
    window.ready()
    window.editor.click()
    window.press("Control+End")
    window.type("on-n")
    rows = window.page.locator(".suggest-widget .monaco-list-row")
    rows.and_(window.page.locator(".focused")).filter(has_text="on-newer").wait_for()
    window.picture("keys")
    window.press("Enter")
    rows.filter(has_text="queue").first.wait_for()
    window.picture("values")
    window.press("Enter")
    expect(window.line('on-newer = "')).to_be_visible()

    def point() -> None:
        window.status.hover()
        window.line("run =").hover(position={"x": 10, "y": 8})

    explained = window.page.locator(".monaco-editor .monaco-hover:not(.hidden)")
    window.again(point, explained.filter(has_text="command").first)


def test_a_folder_without_a_configuration_gets_one(
    make_project: Make, open_window: Open, directory: str
) -> None:
    project = make_project({"Makefile": MAKEFILE, "lib.c": FIXED_C}, trust=False)
    window = open_window(project.path)
    expect(window.status).to_have_count(0)
    window.command("buildd: Create buildd.toml for This Folder")
    expect(window.page.locator(".tab.active")).to_contain_text("buildd.toml")
    expect(window.dialog).to_contain_text("Do you trust the build configuration")
    window.picture("written")


def test_several_folders_are_several_projects(
    make_project: Make, open_window: Open, code_server: CodeServer, directory: str
) -> None:
    files = {"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": FIXED_C}
    first, other = make_project(files), make_project(files)
    workspace = f"{directory}/both.code-workspace"
    with open(workspace, "w", encoding="utf-8") as file:
        json.dump({"folders": [{"path": first.path}, {"path": other.path}]}, file)
    window = open_window(workspace)
    window.ready()
    first.write("lib.c", FIXED_C.replace("number;", "numbr;"))
    both = window.entries.filter(has_text=os.path.basename(other.path))
    # Only one of them may be known yet.
    window.again(lambda: window.command("buildd: Build"), both)
    expect(window.entries).to_have_count(2)
    window.choose(os.path.basename(first.path))
    expect(window.terminal).to_contain_text("build failed")
    expect(window.status).to_contain_text("1")
    window.press("Control+Shift+m")
    expect(window.problems.filter(has_text="numbr").first).to_be_visible()
    expect(window.problems.filter(has_text=os.path.basename(other.path))).to_have_count(0)
    window.picture("folders")
    # What a file showed goes with it.
    os.rename(first.file("lib.c"), first.file("other.c"))
    expect(window.problems.filter(has_text="numbr")).to_have_count(0)
    expect(window.status).not_to_contain_text("1")
