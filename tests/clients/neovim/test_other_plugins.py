"""The adapter for neotest and the component for lualine.

Stand-ins with the documented functions take the place of the two plugins.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

from tests.clients.neovim.conftest import Start
from tests.clients.neovim.test_tests import FILES
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

STANDINS = os.path.join(os.path.dirname(__file__), "standins")
BEFORE = f"vim.opt.runtimepath:append('{STANDINS}')"


def test_neotest_finds_tests_and_runs_them(make_project: Make, start: Start) -> None:
    project = make_project(FILES)
    editor = start(project, "test_numbers.py", before=BEFORE)
    editor.command("Buildd test")
    editor.noted("test failed")
    path = project.file("test_numbers.py")

    # An editor that has not connected asks by the command.
    other = start(None, before=BEFORE, cwd=project.path)
    other.lua(
        "adapter = require('neotest-buildd')\n"
        "coroutine.wrap(function(dir) root = adapter.root(dir) end)(...)",
        project.path,
    )
    assert other.until("root") == project.path
    assert other.lua("return adapter.is_test_file(...)", path)
    assert not other.lua("return adapter.is_test_file(...)", project.file("buildd.toml"))
    positions = other.lua(
        "tree = adapter.discover_positions(...)\n"
        "return vim.iter(tree:iter()):map(function(_, node)"
        " return { node.type, node.name, node.range[1] } end):totable()",
        path,
    )
    assert positions == [
        ["file", "test_numbers.py", 0],
        ["test", "test_adds", 4],
        ["test", "test_halves", 7],
        ["test", "test_later", 11],
    ]

    specification = other.lua(
        "specification = adapter.build_spec({ tree = tree.children[2] })\n"
        "return { command = specification.command, cwd = specification.cwd }"
    )
    shown = subprocess.run(
        specification["command"],
        cwd=specification["cwd"],
        env=other.environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    ).stderr
    assert "FAILED (failures=1)" in shown
    results = other.lua("return adapter.results(specification, {}, tree)")
    ((name, result),) = results.items()
    assert name.endswith("Numbers::test_halves")
    assert result["status"] == "failed"
    assert result["errors"][0]["line"] == 8
    assert "2 != 3" in result["errors"][0]["message"]
    # A run that could not be has no results, which neotest shows as failed.
    assert other.lua("return vim.tbl_isempty(adapter.results(specification, {}, tree))")


def test_lualine_has_a_component(make_project: Make, start: Start) -> None:
    editor = start(make_project(FILES), "test_numbers.py", before=BEFORE)
    assert editor.lua("return require('lualine.components.buildd'):update_status()") == (
        "buildd: absent"
    )
    editor.lua("require('buildd').statusline = function() return 'buildd: test 43%' end")
    assert editor.lua("return require('lualine.components.buildd'):update_status()") == (
        "buildd: test 43%%"
    )
