"""What can go wrong around an editor, and what the editor then shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.clients.neovim.conftest import Start
from tests.clients.neovim.test_core_loop import BUILD, ERROR
from tests.support.daemon import Daemon, wait_until
from tests.support.project import BROKEN_C, FIXED_C, ProjectFiles

Make = Callable[..., ProjectFiles]


def command_line(pid: int) -> str:
    """Return the command line of a process; empty if it has ended."""
    try:
        data = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return data.replace(b"\0", b" ").decode("utf-8", "replace")


def processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def nothing_has(text: str) -> bool:
    return not any(text in command_line(pid) for pid in processes())


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def test_a_missing_command_is_said_once_with_what_to_do(make_project: Make, start: Start) -> None:
    project = make_project({**BUILD, "other.c": FIXED_C})
    editor = start(
        project, "lib.c", wait=False, before="vim.g.buildd = { command = 'no-such-buildd' }"
    )
    message = editor.noted("`no-such-buildd` was not found")
    assert "pipx install buildd" in message
    assert ":Buildd restart" in message
    editor.edit(project.file("other.c"))
    editor.lua("vim.wait(100)")
    assert len(editor.notes()) == 1
    editor.command("Buildd build")
    editor.until("#notes == 2")
    editor.lua("require('buildd').setup({ command = 'buildd' })")
    editor.command("Buildd restart")
    editor.connected()


def test_another_program_of_that_name_is_said(
    make_project: Make, start: Start, directory: str
) -> None:
    other = Path(directory, "buildd")
    other.write_text("#!/bin/sh\nexit 3\n")
    other.chmod(0o755)
    before = f"vim.g.buildd = {{ command = '{other}' }}"
    editor = start(make_project(BUILD), "lib.c", wait=False, before=before)
    assert "ended before it answered" in editor.noted("checkhealth")
    assert len(editor.notes()) == 1
    assert editor.lua("return require('buildd').statusline()") == "buildd: stopped"


def test_a_command_that_cannot_be_started_is_said(
    make_project: Make, start: Start, directory: str, program: str
) -> None:
    other = Path(directory, "buildd")
    other.write_text("#!/no/such/interpreter\n")
    other.chmod(0o755)
    before = f"vim.g.buildd = {{ command = '{other}' }}"
    editor = start(make_project(BUILD), "lib.c", wait=False, before=before, program=program)
    editor.noted("lsp` cannot be started")
    assert len(editor.notes()) == 1


def test_what_cannot_serve_says_why_and_is_not_asked_again(
    make_project: Make, start: Start, directory: str, program: str
) -> None:
    other = Path(directory, "buildd")
    module = "buildd_cli.lsp.startup_error"
    code = f"import {module} as m; m.report_startup_error('two versions. Do this.', 0, 1)"
    other.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}"\n')
    other.chmod(0o755)
    before = f"vim.g.buildd = {{ command = '{other}' }}"
    editor = start(make_project(BUILD), "lib.c", wait=False, before=before, program=program)
    assert editor.noted("two versions") == "buildd: two versions. Do this."
    editor.until("require('buildd').statusline() == 'buildd: stopped'")
    assert len(editor.notes()) == 1


def test_a_daemon_of_another_protocol_or_without_what_is_needed_is_said(
    make_project: Make, start: Start
) -> None:
    editor = start(make_project(BUILD), "lib.c")
    editor.lua(
        "local project = require('buildd.project').here()\n"
        "local asked = project.rpc.request\n"
        "project.rpc.request = function(method, params, done)\n"
        " vim.schedule(function()\n"
        "  if method == 'buildd/hello' then done(nil, { version = '9.0', protocol = 2 }) end\n"
        "  if method == 'buildd/events' then done({ code = -32601, message = 'no' }) end\n"
        " end)\n"
        " return true, 0\n"
        "end\n"
        "require('buildd.daemon.events').follow(project)\n"
        "project.rpc.request = asked"
    )
    assert "daemon restart" in editor.noted("daemon 9.0 speaks version 2 of the protocol")
    editor.noted("is older than this plugin")


def test_a_daemon_that_is_killed_is_found_again(
    make_project: Make, start: Start, daemon: Daemon, program: str
) -> None:
    project = make_project(BUILD)
    editor = start(project, "lib.c", program=program)
    editor.substitute("number;", "numbr;")
    editor.until(ERROR)
    editor.ended()
    client = daemon.connect()
    client.request("buildd/history", project=project.path)  # once it is stored
    client.close()
    editor.command("Buildd log")
    editor.command("wincmd p")
    daemon.kill()
    editor.until("require('buildd').summary().connection ~= 'connected'")
    editor.until("require('buildd').summary().connection == 'connected'")
    editor.connected()
    editor.until(ERROR)  # what was stored, and once
    editor.substitute("numbr;", "number;")
    editor.until("#vim.diagnostic.get() == 0")
    assert editor.notes() == []


def test_without_reconnecting_it_waits_for_the_command(
    make_project: Make, start: Start, daemon: Daemon
) -> None:
    before = "vim.g.buildd = { reconnect = false }"
    editor = start(make_project(BUILD), "lib.c", before=before)
    editor.command("Buildd run build")
    editor.noted("build succeeded")
    daemon.kill()
    editor.noted("the connection to the daemon was lost")
    editor.command("Buildd build")
    editor.until("require('buildd').summary().connection == 'connected'")


def test_a_client_that_the_user_stops_stays_stopped(make_project: Make, start: Start) -> None:
    project = make_project({**BUILD, "other.c": FIXED_C})
    editor = start(project, "lib.c")
    editor.lua("vim.lsp.stop_client(vim.lsp.get_clients())")
    editor.until("require('buildd').statusline() == 'buildd: stopped'")
    editor.edit(project.file("other.c"))
    assert editor.lua("return #vim.lsp.get_clients()") == 0
    editor.command("Buildd restart")
    editor.connected()
    assert editor.lua("return vim.tbl_count(vim.lsp.get_clients()[1].attached_buffers)") == 2
    editor.command("Buildd restart")
    editor.until("require('buildd').summary().connection ~= 'connected'")
    editor.connected()
    assert editor.notes() == []


def test_a_configuration_that_is_broken_while_open_is_a_diagnostic_until_it_is_mended(
    make_project: Make, start: Start
) -> None:
    editor = start(make_project(BUILD), "buildd.toml")
    editor.substitute("run =", "rnu =")
    editor.until(
        "vim.iter(vim.diagnostic.get(0)):any(function(diagnostic)"
        " return diagnostic.message:find('Did you mean `run`?', 1, true) end)"
    )
    editor.until("require('buildd').statusline():find('configuration error', 1, true)")
    editor.substitute("rnu =", "run =")
    editor.until("#vim.diagnostic.get(0) == 0")
    editor.until("not require('buildd').statusline():find('error', 1, true)")


def test_a_file_that_is_deleted_with_diagnostics_does_no_harm(
    make_project: Make, start: Start
) -> None:
    project = make_project({**BUILD, "lib.c": BROKEN_C})
    editor = start(project, "lib.c")
    editor.command("Buildd build")
    editor.until(ERROR)
    editor.noted("build failed")
    os.unlink(project.file("lib.c"))
    editor.until("#vim.diagnostic.get() == 0")
    editor.command("Buildd build!")
    editor.until("vim.bo.buftype == 'quickfix'")  # with what make misses
    editor.command("cclose")
    editor.substitute("numbr;", "number;")
    editor.until("#vim.diagnostic.get() == 0")


def test_five_thousand_diagnostics(make_project: Make, start: Start) -> None:
    script = (
        'for i in $(seq 5000); do echo \\"f$((i % 50)).c:$i:1: error: number $i\\"; done; false'
    )
    project = make_project(
        {"buildd.toml": f'[tasks.build]\nrun = "{script}"\n'}
        | {f"f{number}.c": "x\n" * 5000 for number in range(50)}
    )
    editor = start(project, "f0.c")
    editor.watch_turns()
    editor.command("Buildd build!")
    editor.until("#vim.diagnostic.get() == 5000 and #vim.fn.getqflist() == 5000")
    assert editor.longest_turn() < 1
    assert editor.lua("return #vim.api.nvim_list_wins()") == 2
    editor.noted("5000 errors")


def test_an_editor_that_is_closed_or_killed_takes_its_build_with_it(
    make_project: Make, start: Start, directory: str
) -> None:
    for number, kill in enumerate((False, True)):
        marker = f"600.{os.getpid()}{number}"
        project = make_project(
            {
                "buildd.toml": f'[tasks.build]\nrun = "touch began; sleep {marker}"\n',
                "lib.c": FIXED_C,
            }
        )
        editor = start(project, "lib.c")
        editor.command("Buildd log")
        editor.command("Buildd build")
        wait_until(partial(os.path.exists, project.file("began")))
        servers = [pid for pid in children(editor.pid) if "lsp" in command_line(pid)]
        assert len(servers) == 1
        if kill:
            editor.kill()
        else:
            editor.close()
        wait_until(partial(nothing_has, f"sleep {marker}"))
        wait_until(lambda servers=servers: not any("lsp" in command_line(pid) for pid in servers))  # type: ignore[misc]  # the loop's own
