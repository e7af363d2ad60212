"""Make the README's animation again: `python -m tests.vscode.recording`.

A real VS Code with the extension and a real container. Run `make test-vscode` once before, and
install Debian's gifsicle and imagemagick.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, expect, sync_playwright

from tests.conftest import IMAGE
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles
from tests.support.vscode import CHROMIUM, ROOT, SETTINGS, CodeServer, Window

ANIMATION = ROOT / "docs" / "pictures" / "save.gif"
SIZE = ViewportSize(width=860, height=520)

FILES = {
    "buildd.toml": '\n[tasks.build]\nrun = "make"\non-save = ["*.c", "*.h"]\n',
    "Makefile": "ring.o: ring.c ring.h\n\tgcc -Wall -Wextra -c ring.c\n",
    "ring.h": "struct ring { int head, tail, size; int *items; };\n",
    "ring.c": """\
#include "ring.h"

int ring_length(const struct ring *ring)
{
    return ring->head - ring->tail;
}

int ring_push(struct ring *ring, int value)
{
    if (ring_length(ring) == ring->size)
        return -1;
    ring->items[ring->head++ % ring->size] = value;
    return 0;
}
""",
}


class Frames:
    """Pictures of a window, each with how long it is shown, in hundredths of a second."""

    def __init__(self, window: Window, directory: str) -> None:
        self._window = window
        self._directory = directory
        self._shown: list[int] = []

    def take(self, hundredths: int) -> None:
        """Add the window as it is now."""
        path = os.path.join(self._directory, f"{len(self._shown):03}.png")
        self._window.page.screenshot(path=path)
        self._shown.append(hundredths)

    def write(self, path: Path) -> None:
        """Write them as one animation that begins again at its end."""
        arguments = []
        for number, hundredths in enumerate(self._shown):
            frame = os.path.join(self._directory, f"{number:03}")
            subprocess.run(
                ["/usr/bin/convert", f"{frame}.png", "+dither", f"{frame}.gif"], check=True
            )
            arguments += [f"--delay={hundredths}", f"{frame}.gif"]
        options = ["--loopcount", "--optimize=3", "--colors=128"]
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gifsicle", *options, *arguments, "--output", str(path)], check=True)


def record(window: Window, directory: str) -> None:
    """Break a line, save, take the compiler's own fix, save."""
    window.open_file("ring.c")
    window.ready()
    window.save()
    window.press("Control+Shift+m", "Control+b")
    expect(window.status).to_contain_text("buildd")
    frames = Frames(window, directory)
    window.replace("head++", "head++")
    window.press("ArrowLeft", "ArrowLeft")
    frames.take(120)
    window.press(*["Shift+ArrowLeft"] * 4)
    for character in "haed":
        window.type(character)
        frames.take(18)
    frames.take(60)
    window.save()
    expect(window.squiggles).to_have_count(1)
    expect(window.problems.filter(has_text="haed")).to_be_visible()
    expect(window.status.locator(".codicon-loading")).to_have_count(0)
    frames.take(260)
    window.quick_fix("Replace by").wait_for()
    frames.take(160)
    window.press("Enter")
    expect(window.line("ring->head++")).to_be_visible()
    frames.take(60)
    window.save()
    expect(window.squiggles).to_have_count(0)
    expect(window.problems.filter(has_text="haed")).to_have_count(0)
    expect(window.status.locator(".codicon-loading")).to_have_count(0)
    frames.take(220)
    frames.write(ANIMATION)


def main() -> None:
    """Make it."""
    directory = tempfile.mkdtemp(prefix="br-", dir="/tmp")
    daemon = Daemon(os.path.join(directory, "r"), os.path.join(directory, "s"))
    daemon.environment["CONTAINER_HOST"] = f"unix://{directory}/no-podman.sock"
    project = ProjectFiles(os.path.join(directory, "ring"), FILES, engine="docker", image=IMAGE)
    daemon.remember(project.path)
    daemon.trust(project.path)
    daemon.connect().request("buildd/run", project=project.path, task="build")
    SETTINGS["editor.quickSuggestions"] = False
    server = CodeServer(os.path.join(directory, "code"), daemon.environment)
    expect.set_options(timeout=TIMEOUT * 1000)
    try:
        server.install(ROOT / "clients" / "vscode" / "buildd.vsix")
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                os.path.join(directory, "browser"),
                executable_path=CHROMIUM,
                viewport=SIZE,
                args=["--headless", "--no-sandbox", "--disable-gpu"],
            )
            browser.set_default_timeout(TIMEOUT * 1000)
            window = Window(browser, "recording")
            window.open(server.url, project.path)
            record(window, directory)
            window.close()
            browser.close()
    finally:
        server.close()
        daemon.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
