"""Take the picture of the Neovim plugin again: `python -m tests.clients.neovim.picture`.

A real Neovim in a real xterm. Needs Debian's xvfb, xterm, imagemagick and fonts-dejavu-core.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.conftest import IMAGE
from tests.support.daemon import Daemon, wait_until
from tests.support.neovim import NEWEST, PLUGIN, PROGRAMS
from tests.support.project import ProjectFiles

PICTURE = os.path.join(PLUGIN, "doc", "buildd.png")

CONFIGURATION = """
[tasks.build]
run = "make -k"
on-save = ["*.c"]

[tasks.test]
run = ["sh", "run-tests"]
"""

SOURCE = """\
#include <stddef.h>
#include "ring.h"

size_t ring_length(const struct ring *ring)
{
    return ring->head - ring->tail;
}

int ring_push(struct ring *ring, int value)
{
    if (ring_length(ring) == ring->size)
        return -1;
    ring->items[ring->haed++ % ring->size] = value;
    return 0;
}

static int unused(void)
{
    return 1;
}
"""

FILES = {
    "buildd.toml": CONFIGURATION,
    "Makefile": "ring.o: ring.c\n\tgcc -Wall -fdiagnostics-color=always -c ring.c\n",
    "ring.h": "struct ring { size_t head, tail, size; int *items; };\n",
    "ring.c": SOURCE,
    "run-tests": "echo 1..4\necho ok 1 - an empty ring\necho ok 2 - push and pop\n"
    "echo not ok 3 - a full ring\necho ok 4 - it goes round '# SKIP later'\nexit 1\n",
}

SCRIPT = """
vim.o.background = "dark"
vim.o.termguicolors, vim.o.number, vim.o.laststatus, vim.o.signcolumn = true, true, 3, "yes"
vim.o.statusline = " %f%=%{v:lua.require'buildd'.statusline()} "
vim.diagnostic.config({ virtual_text = true, severity_sort = true })
vim.g.buildd = {
  log = { open = "belowright 7split" },
  tests = { open = "botright 38vsplit" },
  messages = false,
}
local function wait(condition) assert(vim.wait(60000, condition, 10)) end
vim.api.nvim_create_autocmd("VimEnter", { callback = function() vim.schedule(function()
  local file = vim.api.nvim_get_current_win()
  local project = require("buildd.project").here()
  wait(function() return project.status end)
  vim.cmd("Buildd test")
  wait(function() return #project.tests > 0 end)
  vim.cmd("Buildd log build")
  vim.api.nvim_set_current_win(file)
  vim.cmd("write")
  wait(function() return #vim.diagnostic.get(0) == 2 end)
  vim.cmd("Buildd tests")
  vim.api.nvim_set_current_win(file)
  vim.fn.search("haed")
  wait(function() return not project.summary.task and project.summary.environment == "warm" end)
  vim.defer_fn(function() vim.fn.writefile({}, "ready") end, 500)
end) end })
"""


def main() -> None:
    """Take it."""
    directory = tempfile.mkdtemp(prefix="bp-", dir="/tmp")
    daemon = Daemon(os.path.join(directory, "r"), os.path.join(directory, "s"))
    project = ProjectFiles(os.path.join(directory, "ring"), FILES, engine="docker", image=IMAGE)
    daemon.remember(project.path)
    script = Path(directory, "init.lua")
    script.write_text(SCRIPT)
    environment = {**daemon.environment, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    environment |= {"HOME": directory, "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
    display = f":{os.getpid() % 1000 + 100}"
    server = subprocess.Popen(["Xvfb", display, "-screen", "0", "1170x608x24"])
    environment["DISPLAY"] = display
    terminal = None
    try:
        daemon.trust(project.path)
        wait_until(lambda: os.path.exists(f"/tmp/.X11-unix/X{display[1:]}"))
        xterm = "xterm -fa Monospace -fs 11 -geometry 130x32+0+0 -b 0 -bw 0 +sb -bg #14161b -e"
        editor = [NEWEST, "--clean", "-n", "-i", "NONE", "--cmd", f"set runtimepath^={PLUGIN}"]
        terminal = subprocess.Popen(
            [*xterm.split(), *editor, "--cmd", f"luafile {script}", "ring.c"],
            cwd=project.path,
            env=environment,
        )
        wait_until(lambda: os.path.exists(project.file("ready")), 90)
        command = ["import", "-window", "root", "-trim", "-colors", "64", f"png8:{PICTURE}"]
        subprocess.run(command, env=environment, check=True)
    finally:
        for process in filter(None, (terminal, server)):
            process.terminate()
            process.wait()
        daemon.close()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
