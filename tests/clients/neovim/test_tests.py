"""Tests as signs and as a tree: jump, run again."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.clients.neovim.conftest import Start
from tests.support.daemon import wait_until
from tests.support.neovim import Neovim
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

SUITE = """\
import unittest


class Numbers(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(1 + 1, 2)

    def test_halves(self):
        self.assertEqual(5 // 2, 3)

    @unittest.skip("later")
    def test_later(self):
        pass
"""

FILES = {
    "buildd.toml": f'[tasks.test]\nrun = "{sys.executable} -m unittest -v"\n',
    "test_numbers.py": SUITE,
}

SIGNS = """return vim.iter(vim.api.nvim_buf_get_extmarks(0,
  vim.api.nvim_get_namespaces()["buildd.tests"], 0, -1, { details = true })):map(function(mark)
    return { mark[2] + 1, vim.trim(mark[4].sign_text), mark[4].sign_hl_group }
  end):totable()"""


def run_all(editor: Neovim) -> None:
    editor.command("Buildd test")
    assert "1 test passed, 1 test failed, 1 test skipped" in editor.noted("test failed")


def test_results_are_signs_that_follow_the_text_and_a_tree_that_runs_one_again(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project(FILES)
    editor = start(project, "test_numbers.py", program=program)
    run_all(editor)
    signs = [[5, "✓", "BuilddPassed"], [8, "✗", "BuilddFailed"], [12, "-", "BuilddSkipped"]]
    wait_until(lambda: editor.lua(SIGNS) == signs)

    editor.command("Buildd tests")
    lines = editor.lines()
    assert lines[0] == "✗ test  1 passed, 1 failed, 1 skipped"
    assert "    ✗ test_halves" in "\n".join(lines)
    assert any("AssertionError: 2 != 3" in line for line in lines)

    editor.lua("vim.fn.search('test_halves')")
    editor.keys("<CR>")
    assert editor.lua("return { vim.fn.expand('%:t'), vim.fn.line('.') }") == ["test_numbers.py", 9]

    editor.substitute("5 // 2, 3", "5 // 2, 2")
    editor.command("Buildd tests")
    editor.lua("notes = {}; vim.fn.search('test_halves')")
    editor.keys("r")
    assert "1 test passed" in editor.noted("test succeeded")
    editor.until("vim.fn.search('✓ test  2 passed, 1 skipped', 'nw') > 0")
    assert "passed" in editor.lua(
        "return vim.iter(require('buildd.project').here().tests[1].tests):find(function(test)"
        " return test.path[#test.path] == 'test_halves' end).state"
    )


def test_the_tree_folds_filters_and_shows_what_a_test_told(
    make_project: Make, start: Start
) -> None:
    editor = start(make_project(FILES), "test_numbers.py")
    editor.command("Buildd tests")
    assert editor.lines() == ["no run has reported tests yet"]
    run_all(editor)
    editor.until("vim.fn.getline(1) == '✗ test  1 passed, 1 failed, 1 skipped'")
    editor.keys("f")
    assert "test_adds" not in "".join(editor.lines())
    editor.keys("f")
    assert "test_adds" in "".join(editor.lines())
    editor.lua("vim.fn.search('Numbers')")
    editor.keys("<Tab>")
    assert "test_adds" not in "".join(editor.lines())
    assert "1 passed, 1 failed, 1 skipped" in editor.lines()[-1]
    editor.keys("<CR>")
    editor.lua("vim.fn.search('test_halves')")
    editor.keys("K")
    shown = editor.lua(
        "return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf("
        "vim.api.nvim_list_wins()[#vim.api.nvim_list_wins()]), 0, -1, true)"
    )
    assert any("AssertionError" in line for line in shown)


def test_some_tests_are_run_by_name_or_by_group(make_project: Make, start: Start) -> None:
    project = make_project(FILES)
    editor = start(project, "test_numbers.py")
    run_all(editor)
    completion = "vim.fn.getcompletion('Buildd test ', 'cmdline')"
    editor.until(f"vim.list_contains({completion}, 'test_numbers::Numbers::test_adds')")
    editor.lua("notes = {}")
    editor.command("Buildd test test_adds")
    assert "1 test passed" in editor.noted("test succeeded")
    project.write("test_numbers.py", SUITE.replace("5 // 2, 3", "5 // 2, 2"))
    editor.command("Buildd tests")
    # All of the group: while the first run went on, it held fewer.
    editor.until("vim.fn.getline(1) == '✗ test  1 passed, 1 failed, 1 skipped'")
    editor.lua("notes = {}; vim.fn.search('Numbers')")
    editor.keys("r")
    assert "2 tests passed" in editor.noted("test succeeded")


def test_code_lenses_run_a_test_where_it_stands(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project(FILES)
    before = "vim.g.buildd = { codelens = true, signs = false }"
    editor = start(project, "test_numbers.py", program=program, before=before)
    run_all(editor)
    lens = editor.until("vim.lsp.codelens.get(0)[2]")
    assert lens["command"]["title"] == "Run test test_halves (failed)"
    assert editor.lua("return vim.api.nvim_get_namespaces()['buildd.tests'] ~= nil")
    assert editor.lua(SIGNS) == []
    project.write("test_numbers.py", SUITE.replace("5 // 2, 3", "5 // 2, 2"))
    editor.lua("vim.api.nvim_win_set_cursor(0, { 8, 0 }) vim.lsp.codelens.run()")
    editor.until("require('buildd').summary().failed == 0")
