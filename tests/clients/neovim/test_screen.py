"""What the user sees of Neovim in a real terminal."""

from __future__ import annotations

from collections.abc import Callable

from tests.clients.neovim.conftest import Start
from tests.clients.neovim.test_core_loop import BUILD
from tests.support.daemon import wait_until
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

BEFORE = """
vim.diagnostic.config({ virtual_text = true })
vim.o.laststatus = 3
vim.o.statusline = "%f%=%{v:lua.require'buildd'.statusline()}"
"""

TASKS = (
    BUILD["buildd.toml"]
    + """
[tasks.colours]
run = "printf '\\\\033[31mred\\\\033[0m plain\\\\n'"
[tasks.many]
run = "seq -f 'line %.0f.' 300"
[tasks.slow]
run = "echo '[ 43%] Building'; until [ -e go ]; do sleep 0.02; done"
"""
)


def test_the_error_stands_beside_its_line_and_the_statusline_counts_it(
    make_project: Make, start: Start
) -> None:
    project = make_project({**BUILD, "buildd.toml": TASKS})
    editor = start(project, "lib.c", before=BEFORE, screen=True)
    screen = editor.screen
    assert screen
    screen.until("buildd: absent")
    screen.type(":%s/number;/numbr;/ | w\r")
    shown = screen.until("did you mean")
    line = next(line for line in shown.split("\n") if "return 2 * numbr;" in line)
    assert line.startswith("E ")
    assert "‘numbr’ undeclared" in line
    screen.until("buildd: warm E1")
    screen.type("u:w\r")
    screen.until("buildd: warm\n")
    screen.until_gone("undeclared")

    screen.type(":Buildd run slow\r")
    screen.until("buildd: slow 43%")
    project.write("go", "")
    screen.until("slow succeeded")


def test_the_log_shows_the_tool_s_colours(make_project: Make, start: Start) -> None:
    project = make_project({**BUILD, "buildd.toml": TASKS})
    editor = start(project, "lib.c", before=BEFORE, screen=True)
    screen = editor.screen
    assert screen
    editor.connected()
    screen.type(":Buildd log\r")
    screen.type(":Buildd run colours\r")
    shown = screen.until("red plain")
    row = next(number for number, line in enumerate(shown.split("\n")) if "red plain" in line)
    assert screen.colour(row, 0) != screen.colour(row, 4)
    # Its end stays in view, from whatever window the run is started.
    screen.type(":wincmd p\r")
    screen.type(":Buildd run many\r")
    screen.until("line 300.")
    screen.type(":wincmd p\rq")
    wait_until(lambda: bool(editor.lua("return #vim.api.nvim_list_wins() == 1")))
