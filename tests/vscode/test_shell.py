"""A shell of the container, as a terminal in the window."""

from __future__ import annotations

import os
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.project import ProjectFiles
from tests.support.vscode import Window


def test_a_shell_of_the_environment_is_a_terminal(
    make_project: Callable[..., ProjectFiles],
    open_window: Callable[..., Window],
    engines: list[str],
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'}, engine=engines[-1])
    prompt = os.path.basename(project.path)
    window = open_window(project.path)
    window.ready()
    # VS Code lists an extension's profiles from the second time on that it sees the extension.
    window.page.reload()
    window.ready()
    window.command("buildd: Open Container Shell")
    expect(window.terminal).to_contain_text(prompt)
    window.page.locator(".terminal-wrapper.active textarea").focus()
    window.type("tty; echo $((6 * 7)) >answer; cat answer; ls -l answer; uname -a\n")
    expect(window.terminal).to_contain_text("42")
    expect(window.terminal).to_contain_text("/dev/pts/")
    window.until(lambda: project.read("answer") == "42\n")
    window.picture("shell")

    window.command("Create New Terminal (With Profile)")
    window.choose("buildd: container shell")
    expect(window.page.locator(".terminal-tabs-entry", has_text="container")).to_have_count(2)
