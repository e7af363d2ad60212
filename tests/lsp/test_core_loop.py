"""Save a file, see the diagnostics: the core loop as an editor lives it, on each engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.support.daemon import TIMEOUT, Daemon, wait_until
from tests.support.editor import Editor, Seen, uri
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles
from tests.support.special_files import SPECIAL_FILES, replace
from tests.support.special_files import Make as MakeSpecial

pytestmark = pytest.mark.ways("lsp", "in-process")

Make = Callable[..., ProjectFiles]
Start = Callable[..., Awaitable[Editor]]

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c", "*.h"]\n'
ERROR = "undeclared (first use in this function)"


@pytest.fixture
def project(make_project: Make, engine: str) -> ProjectFiles:
    files = {"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": FIXED_C}
    return make_project(files, engine=engine)


async def test_save_shows_and_fix_clears(project: ProjectFiles, start_editor: Start) -> None:
    editor = await start_editor(project.path)
    file = project.file("lib.c")
    editor.open(file)
    editor.save(file, BROKEN_C)
    (error,) = await editor.until(lambda: editor.shown(file, "error"))
    assert (error.line, error.start, error.end) == (2, 15, 20)
    assert ERROR in error.message
    editor.save(file, FIXED_C)
    await editor.until(lambda: not editor.shown(file))


async def test_two_editors_see_the_same(project: ProjectFiles, start_editor: Start) -> None:
    first = await start_editor(project.path)
    second = await start_editor(project.path)
    file = project.file("lib.c")
    first.save(file, BROKEN_C)
    shown = await first.until(lambda: first.shown(file, "error"))
    await second.until(lambda: second.shown(file, "error") == shown)
    third = await start_editor(project.path)
    await third.until(lambda: third.shown(file, "error") == shown)
    second.save(file, FIXED_C)
    for editor in (first, second, third):
        await editor.until_clear(file)


async def test_files_that_are_not_open_are_shown_and_cleared(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(
        {
            "buildd.toml": BUILD,
            "Makefile": "lib.o: lib.c lib.h\n\tgcc -c lib.c\n",
            "lib.c": '#include "lib.h"\n',
            "lib.h": "int broken(;\n",
        }
    )
    editor = await start_editor(project.path)
    editor.open(project.file("lib.c"))
    editor.save(project.file("lib.c"))
    await editor.until(lambda: editor.shown(project.file("lib.h"), "error"))
    project.write("lib.h", "int mended(void);\n")
    editor.save(project.file("lib.c"))
    await editor.until(lambda: not editor.all_shown())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", ""])
async def test_positions_are_in_the_client_s_encoding(
    make_project: Make, start_editor: Start, encoding: str
) -> None:
    """A client that names none means UTF-16."""
    text = 'int f(void) {\n\tconst char *s = "hé漢𝄞"; return s + wrong;\n}\n'
    project = make_project({"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": text})
    line = text.split("\n")[1]
    at = line.index("wrong")
    in_utf16 = len(line[:at].encode("utf-16-le")) // 2
    expected = {"utf-8": len(line[:at].encode()), "utf-32": at}.get(encoding, in_utf16)

    def offer(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.general
        capabilities.general.position_encodings = [encoding] if encoding else None

    editor = await start_editor(project.path, adapt=offer)
    editor.save(project.file("lib.c"))
    shown = await editor.until(lambda: editor.shown(project.file("lib.c"), "error"))
    (error,) = (one for one in shown if "wrong" in one.message)
    assert (error.start, error.end) == (expected, expected + len("wrong"))


async def test_a_burst_of_saves_makes_few_runs_and_the_last_text_wins(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "tail -n 1 lib.c >>ran; make"\n'
            'on-save = ["*.c"]\n',
            "Makefile": MAKEFILE,
            "lib.c": FIXED_C,
            "ran": "",
        }
    )
    editor = await start_editor(project.path)
    file = project.file("lib.c")
    editor.open(file)
    for _ in range(20):
        editor.save(file, BROKEN_C)
    editor.save(file, FIXED_C + "/* last */\n")
    await editor.until(lambda: "last" in project.read("ran"))
    await editor.until(lambda: editor.ended_runs() == len(editor.client.progress_reports) > 0)
    await editor.until_clear(file)
    assert len(project.read("ran").splitlines()) < 10


async def test_progress_has_a_cancel_that_works(make_project: Make, start_editor: Start) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "echo $$ >pid; sleep 600"\non-save = true\n',
            "lib.c": FIXED_C,
        }
    )
    editor = await start_editor(project.path)
    editor.save(project.file("lib.c"))
    await editor.until(lambda: os.path.exists(project.file("pid")) and project.read("pid"))
    shown = editor.client.progress_reports
    token, group = await editor.until(lambda: next((one for one in shown.items() if one[1]), None))
    reports: list[Any] = group
    begin = reports[0]
    assert isinstance(begin, types.WorkDoneProgressBegin)
    assert begin.cancellable
    editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await editor.until(lambda: editor.ended_runs() == 1)
    end = reports[-1]
    assert isinstance(end, types.WorkDoneProgressEnd)
    assert end.message == "cancelled"
    pid = int(project.read("pid"))
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))


async def test_the_editor_asks_for_trust_and_runs_nothing_before(
    make_project: Make, start_editor: Start
) -> None:
    files = {"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": BROKEN_C}
    project = make_project(files, trust=False)
    editor = await start_editor(project.path)
    (question,) = await editor.until(lambda: editor.questions)
    assert "make" in question.message
    assert project.path in question.message
    editor.save(project.file("lib.c"))
    assert not os.path.exists(project.file("lib.o"))
    assert not editor.shown(project.file("lib.c"))

    editor.answer = "Trust this configuration, with host"
    assert await editor.command("buildd.trust") == {"trusted": True}
    editor.save(project.file("lib.c"))
    await editor.until(lambda: editor.shown(project.file("lib.c"), "error"))

    # A change asks again, by itself.
    editor.answer = None
    project.write("buildd.toml", project.read("buildd.toml") + "# more\n")
    await editor.until(lambda: len(editor.questions) == 3)


async def test_a_broken_configuration_shows_in_the_file_as_soon_as_it_is_saved(
    project: ProjectFiles, start_editor: Start
) -> None:
    editor = await start_editor(project.path)
    toml = project.file("buildd.toml")
    good = project.read("buildd.toml")
    editor.open(toml)
    editor.save(toml, good + "on-svae = true\n")
    (error,) = await editor.until(lambda: editor.shown(toml))
    assert error.line == good.count("\n")
    assert "Did you mean `on-save`?" in error.message
    # Even when it is mended by something that is no editor.
    project.write("buildd.toml", good)
    await editor.until(lambda: not editor.shown(toml))


async def test_several_projects_in_one_editor(make_project: Make, start_editor: Start) -> None:
    projects = [
        make_project({"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": BROKEN_C})
        for _ in range(3)
    ]
    editor = await start_editor(*(project.path for project in projects))
    for project in projects:
        editor.save(project.file("lib.c"))
    for project in projects:
        await editor.until(partial(editor.shown, project.file("lib.c"), "error"))


async def test_commands(project: ProjectFiles, start_editor: Start) -> None:
    editor = await start_editor(project.path)
    project.write("lib.c", BROKEN_C)
    result = await editor.command("buildd.build")
    assert (result["state"], result["exitStatus"]) == ("finished", 2)
    assert editor.shown(project.file("lib.c"), "error")
    with pytest.raises(JsonRpcException, match="no task `test`"):
        await editor.command("buildd.test")
    restarted = await editor.command("buildd.restartEnvironment")
    assert restarted == {"environment": "build", "state": "warm"}
    project.write("lib.c", FIXED_C)
    result = await editor.command("buildd.run", "build", uri(project.file("lib.c")))
    assert result["exitStatus"] == 0
    assert await editor.command("buildd.cancel") == {"runs": [], "environments": []}


async def test_an_editor_that_vanishes_mid_build_harms_nobody(
    make_project: Make, start_editor: Start, daemon: Daemon
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make; while [ ! -e go ]; do sleep .02; done"\n'
            'on-save = ["*.c"]\n',
            "Makefile": MAKEFILE,
            "lib.c": BROKEN_C,
        }
    )
    stays = await start_editor(project.path)
    leaves = await Editor.start(daemon, project.path)
    leaves.save(project.file("lib.c"))
    await stays.until(lambda: stays.shown(project.file("lib.c"), "error"))
    server = leaves.client._server
    assert server
    server.kill()
    await leaves.leave()
    project.write("go", "")
    project.write("lib.c", FIXED_C)
    stays.save(project.file("lib.c"))
    await stays.until(lambda: not stays.shown(project.file("lib.c")))


async def test_a_failure_whose_output_names_no_place_is_said(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(
        {"buildd.toml": '[tasks.build]\nrun = "exit 9"\non-save = true\n', "a": ""}
    )
    editor = await start_editor(project.path)
    editor.save(project.file("a"))
    message = await editor.until(lambda: next(iter(editor.client.messages), None))
    assert "exit status 9" in message.message
    assert "buildd logs" in message.message


# In process Python would complain: the Docker SDK leaves a socket that it cannot connect open.
@pytest.mark.ways("lsp")
async def test_a_missing_engine_is_said(
    make_project: Make, start_editor: Start, daemon: Daemon
) -> None:
    daemon.environment["DOCKER_HOST"] = "unix:///nonexistent.sock"
    project = make_project({"buildd.toml": BUILD, "lib.c": FIXED_C}, engine="docker")
    editor = await start_editor(project.path)
    editor.save(project.file("lib.c"))
    message = await editor.until(lambda: next(iter(editor.client.messages), None))
    assert "no Docker engine answers" in message.message


async def test_diagnostics_show_while_the_build_still_runs(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make; while [ ! -e go ]; do sleep .02; done"\n'
            "on-save = true\n",
            "Makefile": MAKEFILE,
            "lib.c": BROKEN_C,
        }
    )
    editor = await start_editor(project.path)
    editor.save(project.file("lib.c"))
    shown: list[Seen] = await editor.until(lambda: editor.shown(project.file("lib.c"), "error"))
    assert editor.ended_runs() == 0
    project.write("go", "")
    await editor.until(lambda: editor.ended_runs() == 1)
    assert editor.shown(project.file("lib.c"), "error") == shown


async def test_custom_and_lsp_messages_mix_while_a_build_runs(
    project: ProjectFiles, start_editor: Start, daemon: Daemon
) -> None:
    editor = await start_editor(project.path)
    client = daemon.connect()
    editor.save(project.file("lib.c"), BROKEN_C)
    await editor.until(lambda: editor.shown(project.file("lib.c"), "error"))
    status = await asyncio.to_thread(client.request, "buildd/status")
    assert status["projects"][0]["sessions"] == 1


@pytest.mark.parametrize("make", SPECIAL_FILES)
async def test_nothing_is_published_for_what_became_a_pipe(
    make_project: Make, start_editor: Start, make: MakeSpecial
) -> None:
    """Neovim opens each file for which something is published, and would wait for ever."""
    task = '[tasks.build]\nrun = "echo a.c:1:1: error: wrong; echo b.c:1:1: error: wrong"\n'
    project = make_project(
        {"buildd.toml": task + 'on-save = ["*.c"]\n', "a.c": "x\n", "b.c": "x\n"}
    )
    editor = await start_editor(project.path)
    editor.save(project.file("a.c"))
    await editor.until(lambda: editor.shown(project.file("b.c")))
    replace(project.file("b.c"), make)
    later = await start_editor(project.path)
    await later.until(lambda: later.shown(project.file("a.c")))
    assert not later.shown(project.file("b.c"))
    pulling = await start_editor(project.path, pull=True)
    ask = partial(pulling.client.workspace_diagnostic_async, types.WorkspaceDiagnosticParams([]))
    async with asyncio.timeout(TIMEOUT):
        while not (report := await ask()).items:
            pass  # its folder is not opened yet
    assert [item.uri for item in report.items] == [uri(project.file("a.c"))]
    editor.save(project.file("a.c"))
    shown = await later.until(lambda: later.shown(project.file("buildd.toml")))
    assert [each.message for each in shown] == [f"{project.path}/b.c:1: wrong"]
