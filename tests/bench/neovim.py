"""What the plugin costs a Neovim: at its start, and from `:w` to the diagnostic on the screen."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.daemon import Daemon
from tests.support.neovim import NEWEST, PLUGIN, Neovim

_SAVE = """
local text, wanted = ...
local shown = false
local severity = { severity = vim.diagnostic.severity.ERROR }
local listener = vim.api.nvim_create_autocmd("DiagnosticChanged", { callback = function()
  shown = shown or (#vim.diagnostic.get(0, severity) > 0) == wanted
end })
vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.split(text, "\\n"))
local start = vim.uv.hrtime()
vim.cmd("silent write!")
assert(vim.wait(60000, function() return shown end, 1))
vim.cmd.redraw()
local took = vim.uv.hrtime() - start
vim.api.nvim_del_autocmd(listener)
return took / 1e9
"""

_START = """
local before = vim.uv.hrtime()
vim.cmd.source(PLUGIN .. "/plugin/buildd.lua")
local loaded = vim.uv.hrtime()
require("buildd.attach").on_file({ buf = 0, event = "BufReadPost", file = vim.fn.bufname() })
io.write(((loaded - before) + (vim.uv.hrtime() - loaded)) / 1e9)
vim.cmd.quit()
"""


def saves(
    path: str,
    daemon: Daemon,
    texts: tuple[str, str],
    compile_natively: Sequence[str],
    rounds: int,
) -> tuple[list[float], list[float]]:
    """Seconds from `:w` of zlib's inflate.c, broken and mended in turn (`texts`), until it shows;
    seconds of the same compile on the host."""
    source = Path(path, "inflate.c")
    client = daemon.connect()
    before = "vim.diagnostic.config({ virtual_text = true })"
    editor = Neovim(
        str(Path(path).parent), daemon.environment, str(source), before=before, screen=True
    )
    took, native = [], []
    try:
        editor.connected()
        for number in range(-2, rounds):
            broken = number % 2 == 0
            text = texts[broken]
            source.write_text(text)
            start = time.perf_counter()
            subprocess.run(compile_natively, cwd=path, capture_output=True, check=False)
            end = time.perf_counter()
            seconds = editor.lua(_SAVE, text.removesuffix("\n"), broken)
            while client.request("buildd/status")["runs"]:
                pass
            if editor.screen:
                editor.screen.read()
            if number >= 0:
                native.append(end - start)
                took.append(seconds)
    finally:
        editor.close()
    return took, native


def starts(rounds: int) -> list[float]:
    """Seconds that the plugin takes of a Neovim's start with a file of no project."""
    script = f"PLUGIN = '{PLUGIN}' vim.opt.runtimepath:prepend(PLUGIN)\n{_START}"
    command = [NEWEST, "--clean", "-n", "--headless", "/usr/share/dict/none"]
    found = []
    for _ in range(rounds):
        result = subprocess.run(
            [*command, "-c", f"lua {script}".replace("\n", " ")],
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(float(result.stdout))
    return found
