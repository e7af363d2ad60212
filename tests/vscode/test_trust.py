"""Nothing runs before the user agrees: first to VS Code's own question, then to buildd's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.daemon import Daemon
from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles
from tests.support.vscode import CodeServer, Window
from tests.vscode.conftest import EXTENSION

FILES = {
    "buildd.toml": '[tasks.build]\nrun = "touch it-ran; make"\non-save = ["*.c"]\n',
    "Makefile": MAKEFILE,
    "lib.c": FIXED_C,
}


@pytest.fixture
def untrusted(make_project: Callable[..., ProjectFiles]) -> ProjectFiles:
    return make_project(FILES, trust=False)


@pytest.fixture
def careful(place: str, daemon: Daemon) -> Iterator[CodeServer]:
    """A code-server that asks whether the workspace is trusted."""
    server = CodeServer(os.path.join(place, "careful"), daemon.environment, workspace_trust=True)
    server.install(EXTENSION)
    server.start()
    yield server
    server.close()


def test_consent_is_asked_in_a_dialog_and_again_after_a_change(
    untrusted: ProjectFiles, open_window: Callable[..., Window]
) -> None:
    window = open_window(untrusted.path)
    expect(window.dialog).to_contain_text("Do you trust the build configuration")
    expect(window.dialog).to_contain_text("$ touch it-ran; make")
    window.picture("question")
    window.dialog.get_by_role("button", name="Cancel").click()
    expect(window.dialog).to_have_count(0)
    expect(window.status).to_contain_text("not trusted")

    # Not trusted: a save runs nothing, and does not ask again; a command does.
    window.open_file("lib.c")
    window.replace("number;", "numbr;")
    window.save()
    window.command("buildd: Build")
    expect(window.dialog).to_contain_text("touch it-ran")
    assert not os.path.exists(untrusted.file("it-ran"))
    window.dialog.get_by_role("button", name="Trust, with host").click()
    expect(window.squiggles).to_be_visible()
    expect(window.status).not_to_contain_text("not trusted")
    assert os.path.exists(untrusted.file("it-ran"))

    untrusted.write("buildd.toml", untrusted.read("buildd.toml").replace("it-ran", "other"))
    expect(window.dialog).to_contain_text("touch other")
    window.dialog.get_by_role("button", name="Trust, with host").click()
    expect(window.dialog).to_have_count(0)


def test_in_restricted_mode_nothing_is_started(
    careful: CodeServer, untrusted: ProjectFiles, open_window: Callable[..., Window]
) -> None:
    window = open_window(untrusted.path, careful)
    expect(window.page.locator("#status\\.workspaceTrust")).to_contain_text("Restricted Mode")
    expect(window.status).to_have_count(0)
    window.command("buildd: Build")
    window.told("Restricted Mode")
    window.picture("restricted")

    window.command("Workspaces: Manage Workspace Trust")
    window.page.locator(".workspace-trust-editor").get_by_role("button", name="Trust").first.click()
    expect(window.dialog).to_contain_text("Do you trust the build configuration")
    window.dialog.get_by_role("button", name="Trust, with host").click()
    expect(window.status).to_contain_text("buildd")
