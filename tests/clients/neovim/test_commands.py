"""`:Buildd` and what its subcommands open."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.clients.neovim.conftest import Start
from tests.support.daemon import Daemon
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles
from tests.support.special_files import named_pipe, replace

Make = Callable[..., ProjectFiles]

TASKS = """
[tasks.build]
run = "make"
[tasks.lint]
run = "echo héllo.c:1:8: warning: wide; echo other.c:9: note: elsewhere"
parsers = ["gcc"]
[tasks.long]
run = "echo started; touch started; sleep 600"
"""

FILES = {"buildd.toml": TASKS, "Makefile": MAKEFILE, "lib.c": FIXED_C, "héllo.c": "ééé int x;\n"}

QUICKFIX = (
    "return vim.tbl_map(function(i) return { vim.fs.basename(vim.api.nvim_buf_get_name(i.bufnr)),"
    " i.lnum, i.col, i.type } end, vim.fn.getqflist())"
)


def test_a_build_says_how_it_went_and_fills_the_quickfix_list_on_request(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project({**FILES, "lib.c": BROKEN_C})
    editor = start(project, "lib.c", program=program)
    editor.command("Buildd build")
    assert "build failed with exit status 2" in editor.noted("1 error")
    assert editor.lua("return #vim.fn.getqflist()") == 0
    editor.lua("notes = {}")
    editor.command("Buildd build!")
    editor.until("vim.bo.buftype == 'quickfix'")
    assert ["lib.c", 3, 16, "E"] in editor.lua(QUICKFIX)
    editor.command("cclose")
    project.write("lib.c", FIXED_C)
    editor.command("Buildd! run build")
    editor.noted("build succeeded")
    assert editor.lua(QUICKFIX) == []


def test_the_quickfix_list_counts_bytes_and_holds_what_is_related(
    make_project: Make, start: Start
) -> None:
    editor = start(make_project(FILES), "lib.c")
    editor.command("Buildd quickfix")
    editor.noted("no diagnostics")
    editor.command("Buildd run lint")
    editor.noted("lint succeeded")
    editor.command("Buildd quickfix lint")
    editor.until("vim.bo.buftype == 'quickfix'")
    items = editor.lua(QUICKFIX)
    assert items[0] == ["héllo.c", 1, 8, "W"]


def test_a_diagnostic_in_a_named_pipe_stops_nobody(make_project: Make, start: Start) -> None:
    project = make_project(FILES)
    editor = start(project, "lib.c")
    replace(project.file("héllo.c"), named_pipe)
    editor.command("Buildd run lint")
    editor.noted("lint succeeded")
    editor.command("Buildd quickfix lint")
    editor.until("vim.bo.buftype == 'quickfix'")
    assert ["buildd.toml", 1, 1, "W"] in editor.lua(QUICKFIX)


def test_a_build_can_be_cancelled(make_project: Make, start: Start) -> None:
    project = make_project(FILES)
    editor = start(project, "lib.c")
    editor.command("Buildd cancel")
    editor.noted("nothing is running")
    editor.command("Buildd run long")
    editor.until("require('buildd').statusline():find('long', 1, true)")
    assert editor.lua("return vim.fn.getcompletion('Buildd cancel ', 'cmdline')") == ["long"]
    editor.command("Buildd cancel! long")
    editor.noted("long was cancelled")
    editor.until("not require('buildd').summary().task")


def test_what_cannot_be_done_is_said_with_what_to_do(
    make_project: Make, start: Start, directory: str
) -> None:
    editor = start(make_project(FILES), "lib.c")
    for command, message in (
        ("Buildd bild", "There are: build, cancel"),
        ("Buildd status now", "takes no arguments"),
        ("Buildd run", "no task given"),
        ("Buildd run lnt", "It has: build, lint, long."),
        ("Buildd test", "`test`"),
        ("Buildd test nothing", "had no test `nothing`"),
    ):
        editor.lua("notes = {}")
        editor.command(command)
        assert editor.noted(message).startswith("buildd: ")
    elsewhere = start(None, cwd=directory)
    elsewhere.command("Buildd build")
    elsewhere.noted("`buildd init`")


def test_a_project_is_found_where_no_file_of_it_is_open(make_project: Make, start: Start) -> None:
    project = make_project(FILES)
    editor = start(None, cwd=project.path)
    editor.command("Buildd build")
    editor.noted("build succeeded")


def test_completion_knows_subcommands_tasks_and_environments(
    make_project: Make, start: Start, program: str
) -> None:
    editor = start(make_project(FILES), "lib.c", program=program)

    def completed(line: str) -> list[str]:
        found: list[str] = editor.lua("return vim.fn.getcompletion(..., 'cmdline')", line)
        return found

    subcommands = "build cancel doctor image log quickfix restart run shell status test tests trust"
    assert " ".join(completed("Buildd ")) == subcommands
    assert completed("vertical Buildd te") == ["test", "tests"]
    assert completed("Buildd run ") == ["build", "lint", "long"]
    assert completed("Buildd! build l") == ["lint", "long"]
    assert completed("Buildd restart! ") == ["build"]
    assert completed("Buildd status ") == []


def test_status_and_doctor_show_how_things_are(make_project: Make, start: Start) -> None:
    project = make_project(FILES)
    editor = start(project, "lib.c")
    editor.command("Buildd status")
    editor.until("vim.fn.search('build  not run yet', 'n') > 0")
    editor.command("Buildd build")
    editor.until("vim.fn.search('✓ build  succeeded', 'n') > 0")
    assert editor.lines()[0] == project.path
    windows = editor.lua("return #vim.api.nvim_list_wins()")
    editor.command("Buildd status")
    assert editor.lua("return #vim.api.nvim_list_wins()") == windows
    editor.keys("q")
    editor.command("tab Buildd doctor")
    editor.until("vim.fn.search('✓ Python: 3', 'n') > 0")
    assert editor.lua("return #vim.api.nvim_list_tabpages()") == 2


def test_a_shell_of_the_environment(make_project: Make, start: Start, program: str) -> None:
    project = make_project(FILES)
    editor = start(project, "lib.c", program=program)
    editor.command("Buildd shell")
    assert editor.lua("return vim.bo.buftype") == "terminal"
    channel = editor.lua("return vim.bo.channel")
    editor.lua("vim.api.nvim_chan_send(...)", channel, "echo in=$PWD; touch was-here\n")
    editor.until(f"vim.fn.search('in={project.path}', 'nw') > 0")
    assert os.path.exists(project.file("was-here"))
    editor.lua("vim.api.nvim_chan_send(...)", channel, "exit\n")
    editor.until("vim.bo.buftype == ''")


@pytest.mark.engine
def test_the_container_s_shell_and_a_new_container(make_project: Make, start: Start) -> None:
    project = make_project(FILES, engine="docker")
    editor = start(project, "lib.c")
    editor.command("Buildd shell build")
    channel = editor.lua("return vim.bo.channel")
    editor.until("vim.fn.search('[$#]', 'nw') > 0")
    editor.lua(
        "vim.api.nvim_chan_send(...)",
        channel,
        "touch /tmp/mine; test -f /.dockerenv && echo in-$((6 * 7))\n",
    )
    editor.until("vim.fn.search('in-42', 'nw') > 0")
    editor.command("close!")
    editor.command("Buildd restart! build")
    editor.noted("restarted the environment build, which is warm")


def test_trust_is_asked_for_and_can_be_taken_back(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project(FILES, trust=False)
    editor = start(
        project,
        "lib.c",
        program=program,
        before="vim.ui.select = function(items, options, done)"
        " asked = options.prompt; answer = function(n) done(items[n]) end end",
    )
    asked = editor.until("asked")
    assert f"may {project.path} do this" in asked
    assert "sleep 600\n" in asked
    editor.lua("answer(1)")  # not now: the harmless one is first
    editor.until("require('buildd').statusline() == 'buildd: not trusted'")
    editor.command("Buildd build")
    editor.noted("not trusted")
    editor.lua("asked = nil")
    editor.command("Buildd trust")
    editor.until("asked")
    editor.lua("answer(2)")
    editor.noted("this configuration is trusted")
    editor.until("require('buildd').statusline() ~= 'buildd: not trusted'")
    editor.command("Buildd trust!")
    editor.noted("trust revoked")


def test_the_question_of_trust_can_be_left_to_the_command(
    make_project: Make, start: Start, daemon: Daemon
) -> None:
    project = make_project(FILES, trust=False)
    editor = start(
        project,
        "lib.c",
        before="vim.g.buildd = { trust = false }\n"
        "vim.ui.select = function(items, _, done) asked = true; done(items[2]) end",
    )
    editor.until("require('buildd').statusline() == 'buildd: not trusted'")
    assert not editor.lua("return asked")
    editor.command("Buildd trust")
    editor.noted("this configuration is trusted")
