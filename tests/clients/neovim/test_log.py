"""The live log: colours, several runs, and a million lines."""

from __future__ import annotations

from collections.abc import Callable

from tests.clients.neovim.conftest import Start
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

TASKS = """
[tasks.build]
run = '''
printf '\\033[31mred\\033[0m plain\\n'
until [ -e go ]; do sleep 0.02; done
echo ended'''
[tasks.lint]
run = "echo linted"
[tasks.flood]
run = "seq 1000000; touch flooded; sleep 0.3; echo last words"
"""

FILES = {"buildd.toml": TASKS, "a.txt": "text\n"}


def test_output_comes_while_the_run_goes_on_and_later_runs_follow(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project(FILES)
    editor = start(project, "a.txt", program=program)
    editor.command("Buildd build")
    editor.command("Buildd log")
    editor.until("vim.fn.search('^red plain$', 'nw') > 0")
    assert "ended" not in editor.lines()
    project.write("go", "")
    editor.until("vim.fn.search('^ended$', 'nw') > 0")
    editor.command("Buildd run lint")
    editor.until("vim.fn.search('^linted$', 'nw') > 0")
    editor.until("vim.fn.search('^── lint succeeded', 'nw') > 0")
    rules = [line.split()[1:3] for line in editor.lines() if line.startswith("── ")]
    assert [rules[0][0], rules[2][0]] == ["build,", "lint,"]
    assert [rules[1], rules[3]] == [["build", "succeeded"], ["lint", "succeeded"]]
    # Each line once, though the run was asked for on the same connection.
    assert editor.lines().count("linted") == 1


def test_the_log_of_one_task_and_its_closing(
    make_project: Make, start: Start, daemon: Daemon
) -> None:
    project = make_project({**FILES, "go": ""})
    editor = start(project, "a.txt")
    for task in ("lint", "build"):
        editor.command(f"Buildd run {task}")
        editor.noted(f"{task} succeeded")
    editor.command("vertical Buildd log lint")
    editor.until("vim.fn.search('^linted$', 'nw') > 0")
    assert editor.lua("return vim.o.columns > vim.fn.winwidth(0)")
    editor.command("Buildd log build")
    editor.until("vim.fn.search('^ended$', 'nw') > 0")
    assert editor.lua("return #vim.api.nvim_list_wins()") == 2
    editor.keys("q")
    assert editor.lua("return #vim.api.nvim_list_wins()") == 1
    editor.until("vim.tbl_count(require('buildd.project').here().pending) == 1")


def test_a_million_lines_leave_the_editor_fast_and_the_last_of_them_show(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project(FILES)
    editor = start(project, "a.txt", program=program)
    editor.watch_turns()
    editor.command("Buildd log")
    editor.command("Buildd run flood")
    editor.until("vim.fn.search('^last words', 'nw') > 0")
    assert editor.lua("return vim.api.nvim_buf_line_count(0)") < 11000
    editor.until("vim.fn.line('.') == vim.fn.line('$')")  # its end stays in view
    memory = editor.lua("return vim.uv.resident_set_memory()")
    assert memory < 200e6
    assert editor.longest_turn() < 0.5
