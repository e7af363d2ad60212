"""Options are checked, everything can be turned off, and the help page documents all of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.neovim.conftest import Start
from tests.clients.neovim.test_core_loop import BUILD
from tests.support.neovim import PLUGIN
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{ logs = {} }", "setup: unknown option `logs`. Did you mean `log`? See "),
        ("{ codelns = true }", "setup: unknown option `codelns`. Did you mean `codelens`? See "),
        ("{ trsut = true }", "setup: unknown option `trsut`. There are: codelens, command"),
        ("{ log = { lines = 3 } }", "setup.log: unknown option `lines`. There are: open, scroll"),
        ("{ log = { scrollback = 'x' } }", 'setup.log: `scrollback` must be a number, not "x"'),
        ("{ enabled = 1 }", "setup: `enabled` must be a boolean or a function, not 1"),
        ("{ command = { 1 } }", "setup: `command` must hold strings, not 1"),
        ("{ root_markers = 'x' }", 'setup: `root_markers` must be a table, not "x"'),
        ("'x'", 'setup: the options must be a table, not "x". See '),
    ],
)
def test_what_is_wrong_in_options_is_said(start: Start, options: str, message: str) -> None:
    editor = start(None)
    editor.lua(f"require('buildd').setup({options})")
    assert editor.noted(message).endswith("See `:help buildd-options`.")
    assert editor.lua("return require('buildd.config').get().log.scrollback") == 10000


def test_setup_goes_over_the_variable_and_both_over_the_defaults(start: Start) -> None:
    editor = start(None, before="vim.g.buildd = { codelens = true, log = { scrollback = 5 } }")
    editor.lua("require('buildd').setup({ log = { scrollback = 6 }, lsp = { anything = 1 } })")
    options = editor.lua("return require('buildd.config').get()")
    assert options["codelens"] is True
    assert options["log"] == {"open": "botright 15split", "scrollback": 6}
    assert options["lsp"] == {"anything": 1}
    assert editor.notes() == []


def test_it_can_be_turned_off_at_all_or_for_some_projects(make_project: Make, start: Start) -> None:
    project = make_project(BUILD)
    for enabled in ("false", "function(root) return root == '/elsewhere' end"):
        before = f"require('buildd').setup({{ enabled = {enabled} }})"
        editor = start(project, "lib.c", wait=False, before=before)
        assert editor.lua("return #vim.lsp.get_clients()") == 0
        editor.command("Buildd build")
        editor.noted("build succeeded")


def test_what_is_handed_on_to_neovim_gets_there(make_project: Make, start: Start) -> None:
    before = (
        "vim.g.buildd = { diagnostics = { virtual_text = false, underline = false } }\n"
        "require('buildd').setup({ messages = false,"
        " lsp = { on_attach = function(client) attached = client.name end } })"
    )
    editor = start(make_project(BUILD), "lib.c", before=before)
    editor.until("attached == 'buildd'")
    namespace = "vim.lsp.diagnostic.get_namespace(vim.lsp.get_clients()[1].id)"
    assert editor.lua(f"return vim.diagnostic.config(nil, {namespace}).underline") is False
    assert editor.lua("return vim.diagnostic.config().underline") is True
    editor.command("Buildd build")
    editor.ended()
    assert editor.notes() == []


def test_every_option_subcommand_and_default_is_in_the_help(start: Start, directory: str) -> None:
    editor = start(None, cwd=directory)
    help_page = Path(PLUGIN, "doc", "buildd.txt").read_text("utf-8")
    defaults = re.search(r"defaults:\n>lua\n(.*?)\n<", help_page, re.DOTALL)
    assert defaults
    written = editor.lua(f"return vim.inspect({defaults.group(1)})")
    assert written == editor.lua("return vim.inspect(require('buildd.config').get())")
    for name in editor.lua("return vim.fn.getcompletion('Buildd ', 'cmdline')"):
        assert f"*:Buildd-{name}*" in help_page
    copy = Path(directory, "doc")
    copy.mkdir()
    (copy / "buildd.txt").write_text(help_page, "utf-8")
    editor.command(f"helptags {copy}")
    editor.command(f"set runtimepath+={directory}")
    editor.command("help :Buildd-log")
    assert editor.lua("return vim.fn.expand('<cWORD>')") == "*:Buildd-log*"


def test_health_is_clean_where_all_is_well_and_says_what_to_do_where_not(
    make_project: Make, start: Start, program: str
) -> None:
    project = make_project(BUILD, trust=False)
    before = "vim.ui.select = function(_, _, done) done(nil) end"
    editor = start(project, "lib.c", program=program, before=before)
    editor.command("checkhealth buildd")
    text = "\n".join(editor.lines())
    assert "the daemon answers" in text
    assert project.path in text
    assert "connected, 1 open file" in text
    assert "trust: the present configuration is not trusted" in text
    assert "buildd trust" in text
    assert "ERROR" not in text
    editor.command("bwipeout")
    editor.lua("require('buildd').setup({ command = 'false' })")
    editor.command("checkhealth buildd")
    assert "is not buildd" in "\n".join(editor.lines())
    editor.command("bwipeout")
    editor.lua("require('buildd').setup({ command = 'no-such-buildd' })")
    editor.command("checkhealth buildd")
    assert "pipx install buildd" in "\n".join(editor.lines())


def test_where_there_is_no_project_little_is_loaded(start: Start, directory: str) -> None:
    Path(directory, "a.txt").write_text("text\n")
    editor = start(None, f"{directory}/a.txt")
    loaded = editor.lua(
        "return vim.tbl_filter(function(name) return vim.startswith(name, 'buildd')"
        " end, vim.tbl_keys(package.loaded))"
    )
    assert sorted(loaded) == ["buildd.attach", "buildd.config"]
    assert editor.lua("return require('buildd').statusline()") == ""
