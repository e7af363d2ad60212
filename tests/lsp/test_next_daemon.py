"""`buildd lsp` outlives the daemon: its editor is joined to the next, and loses nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.support.daemon import Daemon, listens, wait_until
from tests.support.editor import Editor, Seen, uri
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles

Make = Callable[..., ProjectFiles]
Start = Callable[..., Awaitable[Editor]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n'

WAITS = '[tasks.build]\nrun = "touch began; while [ ! -e go ]; do sleep .02; done; make"\n'


@pytest.fixture
def project(make_project: Make) -> ProjectFiles:
    return make_project({"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": BROKEN_C})


async def shows_the_error(start_editor: Start, project: ProjectFiles, daemon: Daemon) -> Editor:
    """An editor that has the file open, and its error shown; nothing is under way."""
    editor = await start_editor(project.path)
    editor.open(project.file("lib.c"))
    editor.save(project.file("lib.c"))
    await editor.until(lambda: editor.ended_runs() == 1)
    await editor.until(lambda: errors(editor, project))
    stored(daemon, project)
    return editor


def stored(daemon: Daemon, project: ProjectFiles) -> None:
    """Return once what has ended is stored."""
    client = daemon.connect()
    client.request("buildd/history", project=project.path)
    client.close()


def errors(editor: Editor, project: ProjectFiles) -> list[Seen]:
    return editor.shown(project.file("lib.c"), "error")


def published(editor: Editor, project: ProjectFiles) -> Sequence[types.Diagnostic]:
    """What was published last: another list each time."""
    return editor.client.diagnostics[uri(project.file("lib.c"))]


def came_back(editor: Editor, project: ProjectFiles, old: Sequence[types.Diagnostic]) -> bool:
    return published(editor, project) is not old and bool(errors(editor, project))


def server(editor: Editor) -> int:
    """The process id of its `buildd lsp`."""
    process = editor.client._server
    assert process
    assert process.returncode is None
    return process.pid


async def test_diagnostics_come_back_after_a_crash_without_a_save(
    project: ProjectFiles, start_editor: Start, daemon: Daemon
) -> None:
    editor = await shows_the_error(start_editor, project, daemon)
    editor.edit(project.file("lib.c"), "\n\n" + BROKEN_C)
    await editor.command("buildd.status")  # after which the change has been taken
    before = published(editor, project)
    daemon.kill()
    await editor.until(lambda: published(editor, project) is not before)
    # The buffer is known as it is, though not saved.
    await editor.until(lambda: [one.line for one in errors(editor, project)] == [4])
    editor.save(project.file("lib.c"), FIXED_C)
    await editor.until_clear()


async def test_what_was_under_way_is_answered_and_what_was_saved_is_built(
    make_project: Make, start_editor: Start, daemon: Daemon
) -> None:
    project = make_project(
        {
            "buildd.toml": WAITS + "on-save = true\n",
            "Makefile": MAKEFILE,
            "lib.c": FIXED_C,
        }
    )
    editor = await start_editor(project.path)
    editor.save(project.file("lib.c"), BROKEN_C)
    await editor.until(
        lambda: (
            os.path.exists(project.file("began")) and any(editor.client.progress_reports.values())
        )
    )
    asked = asyncio.create_task(editor.command("buildd.build"))
    # Answered after the command was taken: it is under way.
    await editor.command("buildd.status")
    shown = [token for token, told in editor.client.progress_reports.items() if told]
    daemon.kill()
    with pytest.raises(JsonRpcException, match="the daemon ended before it answered"):
        await asked
    # Of these only: the next daemon has its own run, which waits.
    await editor.until(lambda: all(map(editor.has_ended, shown)))
    project.write("go", "")
    await editor.until(lambda: errors(editor, project))
    assert (await editor.command("buildd.build"))["exitStatus"] == 2


async def test_a_daemon_that_was_told_to_stop_is_started_when_it_is_wanted(
    project: ProjectFiles, start_editor: Start, daemon: Daemon
) -> None:
    editor = await shows_the_error(start_editor, project, daemon)
    daemon.stop()
    assert not listens(daemon.socket_path)
    assert errors(editor, project), "what was found is still so"
    editor.save(project.file("lib.c"), FIXED_C)
    await editor.until_clear()
    assert listens(daemon.socket_path)
    server(editor)


async def test_one_that_is_replaced_is_found_by_all(
    project: ProjectFiles, start_editor: Start, daemon: Daemon, command: Command
) -> None:
    editors = [await shows_the_error(start_editor, project, daemon)]
    editors += [await start_editor(project.path) for _ in range(3)]
    pid = daemon.connect().request("buildd/status")["pid"]
    result = await asyncio.to_thread(command, "daemon", "restart", "--force")
    assert result.returncode == 0, result.stderr
    client = daemon.connect()
    assert client.request("buildd/status")["pid"] != pid
    for editor in editors:
        await editor.until(lambda editor=editor: errors(editor, project))  # type: ignore[misc]  # the loop's own
    wait_until(lambda: client.request("buildd/status")["sessions"] == len(editors) + 1)
    editors[0].save(project.file("lib.c"), FIXED_C)
    for editor in editors:
        await editor.until_clear()


async def test_folders_that_were_opened_later_are_known_to_the_next(
    project: ProjectFiles, make_project: Make, start_editor: Start, daemon: Daemon
) -> None:
    other = make_project({"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": BROKEN_C})
    editor = await shows_the_error(start_editor, project, daemon)
    folder = types.WorkspaceFolder(Path(other.path).as_uri(), "other")
    editor.client.workspace_did_change_workspace_folders(
        types.DidChangeWorkspaceFoldersParams(
            types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
        )
    )
    editor.save(other.file("lib.c"))
    await editor.until(lambda: errors(editor, other))
    await editor.until(lambda: editor.ended_runs() == 2)
    stored(daemon, other)
    before = [published(editor, one) for one in (project, other)]
    daemon.kill()
    for one, old in zip((project, other), before, strict=True):
        await editor.until(partial(came_back, editor, one, old))


async def test_a_client_that_pulls_registers_once(
    project: ProjectFiles, start_editor: Start, daemon: Daemon
) -> None:
    editor = await start_editor(project.path, pull=True)
    await editor.until(lambda: editor.registered)
    daemon.kill()
    await editor.until(lambda: len(editor.registered) == 2)
    assert editor.unregistered == editor.registered[:1]


async def test_where_none_can_be_started_it_is_said_and_tried_with_the_next_message(
    project: ProjectFiles, start_editor: Start, daemon: Daemon
) -> None:
    editor = await shows_the_error(start_editor, project, daemon)
    runtime = os.path.dirname(daemon.socket_path)
    os.chmod(runtime, 0o777)
    daemon.kill()
    said = await editor.until(lambda: next(iter(editor.client.messages), None))
    assert "cannot be started again" in said.message
    assert runtime in said.message
    with pytest.raises(JsonRpcException, match="cannot be started again"):
        await editor.command("buildd.status")
    os.chmod(runtime, 0o700)
    editor.save(project.file("lib.c"), FIXED_C)
    # What showed is taken away before that is said, and before the next build has ended.
    await editor.until(lambda: len(editor.client.messages) > 1 and editor.ended_runs() > 1)
    await editor.until_clear()
    texts = [one.message for one in editor.client.messages]
    assert texts == [said.message, "buildd: connected to the daemon again"]


async def test_an_editor_that_leaves_while_there_is_no_daemon_is_not_held(
    project: ProjectFiles, daemon: Daemon
) -> None:
    editor = await Editor.start(daemon, project.path)
    pid = server(editor)
    daemon.stop()
    await editor.close()
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))
    assert not listens(daemon.socket_path), "nobody had wanted one"
