"""In each Neovim: a save shows an error, a repair clears it, and the tool's own fix is applied."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.clients.neovim.conftest import Start
from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles

Make = Callable[..., ProjectFiles]

BUILD = {
    "buildd.toml": '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n',
    "Makefile": MAKEFILE,
    "lib.c": FIXED_C,
}

ERROR = """(function()
  local found = vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
  return #found == 1 and { found[1].lnum, found[1].col, found[1].end_col, found[1].message }
end)()"""


def test_a_save_shows_the_error_and_a_fix_clears_it(
    make_project: Make, start: Start, engine: str, program: str
) -> None:
    project = make_project(BUILD, engine=engine)
    editor = start(project, "lib.c", program=program)
    editor.substitute("number;", "numbr;")
    *place, message = editor.until(ERROR)
    assert place == [2, 15, 20]
    assert "did you mean" in message
    editor.substitute("numbr;", "number;")
    editor.until("#vim.diagnostic.get(0) == 0")
    assert editor.notes() == []


def test_the_tool_s_fix_is_a_code_action_and_a_hover_shows_what_it_printed(
    make_project: Make, start: Start, program: str
) -> None:
    makefile = "lib.o: lib.c\n\tgcc -fdiagnostics-parseable-fixits -c lib.c\n"
    text = "struct point { int x; };\nint x_of(struct point *p) { return p->x; }\n"
    project = make_project({**BUILD, "Makefile": makefile, "lib.c": text})
    editor = start(project, "lib.c", program=program)
    editor.substitute("p->x", "p.x")
    editor.until("#vim.diagnostic.get(0) > 0")
    editor.ended()
    editor.lua("vim.api.nvim_win_set_cursor(0, { 2, 36 })")
    editor.lua("vim.lsp.buf.hover()")
    editor.until("#vim.api.nvim_list_wins() > 1")
    hover = editor.lua(
        "local float = vim.api.nvim_list_wins()[2]\n"
        "return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, true)"
    )
    assert "return p.x; }" in "".join(hover)
    editor.lua(
        "vim.lsp.buf.code_action({ apply = true, filter = function(action)"
        " return action.edit ~= nil end })"
    )
    editor.until("vim.api.nvim_buf_get_lines(0, 1, 2, true)[1]:find('p->x', 1, true)")


def test_a_file_that_is_written_for_the_first_time_is_built(
    make_project: Make, start: Start
) -> None:
    project = make_project(BUILD)
    editor = start(None, cwd=project.path)
    editor.lua(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.split(..., '\\n'))",
        FIXED_C.replace("number;", "numbr;"),
    )
    editor.command("write! lib.c")
    editor.until(ERROR)


def test_files_that_are_open_when_a_project_is_made_belong_to_it(
    directory: str, start: Start
) -> None:
    file = os.path.join(directory, "lib.c")
    Path(file).write_text(FIXED_C)
    editor = start(None, file)
    assert editor.lua("return #vim.lsp.get_clients()") == 0
    editor.command(f"split {directory}/buildd.toml")
    editor.command("write")
    editor.command("close")
    editor.connected()


def test_the_same_project_in_two_editors(make_project: Make, start: Start) -> None:
    project = make_project(BUILD)
    first, second = (start(project, "lib.c") for _ in range(2))
    first.substitute("number;", "numbr;")
    first.until(ERROR)
    second.until(ERROR)


def test_several_projects_in_one_editor(make_project: Make, start: Start) -> None:
    projects = [make_project(BUILD) for _ in range(2)]
    editor = start(projects[0], "lib.c")
    editor.edit(projects[1].file("lib.c"))
    editor.connected()
    editor.substitute("number;", "numbr;")
    editor.until(ERROR)
    assert editor.lua("return #vim.lsp.get_clients({ name = 'buildd' })") == 2
    assert editor.lua("return require('buildd').summary().project") == projects[1].path
    editor.edit(projects[0].file("lib.c"))
    assert editor.lua("return #vim.diagnostic.get(0)") == 0
