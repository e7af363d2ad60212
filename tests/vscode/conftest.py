"""One code-server with the packaged extension and one browser for all tests; a window for each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from tests.support.daemon import TIMEOUT, Daemon
from tests.support.vscode import CHROMIUM, ROOT, SCREENSHOTS, CodeServer, Window

EXTENSION = ROOT / "clients" / "vscode" / "buildd.vsix"

expect.set_options(timeout=TIMEOUT * 1000)


@pytest.fixture(scope="session")
def place() -> Iterator[str]:
    """A directory whose path is short enough for a socket's, and which a container may mount."""
    path = os.path.realpath(f"/tmp/bv-{uuid.uuid4().hex[:8]}")
    os.mkdir(path, 0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def directory(place: str) -> str:
    return place


@pytest.fixture(scope="session")
def daemon(place: str) -> Iterator[Daemon]:
    """One daemon for all: code-server gives its environment to the extension."""
    made = Daemon(os.path.join(place, "r"), os.path.join(place, "s"))
    made.environment["CONTAINER_HOST"] = f"unix://{place}/no-podman.sock"
    yield made
    made.close()


@pytest.fixture(scope="session")
def code_server(place: str, daemon: Daemon) -> Iterator[CodeServer]:
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    server = CodeServer(os.path.join(place, "code"), daemon.environment)
    server.install(EXTENSION)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def browser(place: str) -> Iterator[BrowserContext]:
    """One for all, with a cache: VS Code is many megabytes."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            os.path.join(place, "browser"),
            executable_path=CHROMIUM,
            viewport={"width": 1280, "height": 800},
            args=[
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        context.set_default_timeout(TIMEOUT * 1000)
        yield context
        context.close()


@pytest.fixture
def open_window(
    code_server: CodeServer, browser: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """Open a folder in a window; a picture of its last state is kept."""
    windows: list[Window] = []
    name = request.node.name.removeprefix("test_")

    def opened(folder: str, server: CodeServer = code_server) -> Window:
        window = Window(browser, name)
        windows.append(window)
        window.open(server.url, folder)
        return window

    yield opened
    for window in windows:
        window.picture("end")
        window.close()
