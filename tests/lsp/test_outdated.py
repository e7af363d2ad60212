"""What an editor says and asks when a file changes that an image is made from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from lsprotocol import types

from tests.conftest import IMAGE
from tests.lsp.conftest import Start
from tests.support.daemon import Daemon
from tests.support.editor import Editor
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine


@pytest.fixture
def define(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> Callable[[str], ProjectFiles]:
    """Make a trusted project, with its environment warm."""

    def make(on_change: str) -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        project.write("Dockerfile", f"FROM {IMAGE}\nCOPY needs.txt /\nRUN ! grep bad needs.txt\n")
        project.write("needs.txt", "one\n")
        project.write(
            "buildd.toml",
            '[environments.build]\ndockerfile = "Dockerfile"\ncontext = "."\n'
            f'on-change = "{on_change}"\n[tasks.build]\nrun = "cat /needs.txt >out"\n',
        )
        daemon.trust(project.path)
        daemon.connect().request("buildd/up", project=project.path)
        return project

    return make


def said(editor: Editor, words: str) -> bool:
    return any(words in one.message for one in editor.client.messages)


async def test_it_is_said_that_the_image_is_made_anew_and_what_stands_against_it(
    define: Callable[[str], ProjectFiles], start_editor: Start
) -> None:
    project = define("rebuild")
    editor = await start_editor(project.path)
    project.write("needs.txt", "bad\n")
    await editor.until(lambda: said(editor, "environment changed: build (needs.txt)"))
    (shown,) = await editor.until(lambda: editor.shown(project.file("Dockerfile")))
    assert (shown.line, shown.severity) == (2, "error")
    assert await editor.command("buildd.build") is not None, "the container of before serves"
    assert project.read("out") == "one\n"
    failures = [one for one in editor.client.messages if "does not build" in one.message]
    assert len(failures) == 1, "it is said once"

    project.write("needs.txt", "two\n")
    await editor.until(lambda: said(editor, "is as it is defined now"))
    await editor.until_clear(project.file("Dockerfile"))
    await editor.command("buildd.build")
    assert project.read("out") == "two\n"


async def test_the_editor_asks_first_where_that_is_configured(
    define: Callable[[str], ProjectFiles], start_editor: Start
) -> None:
    project = define("ask")
    editor = await start_editor(project.path)
    project.write("needs.txt", "two\n")
    await editor.until(lambda: editor.questions)
    await editor.command("buildd.build")
    assert project.read("out") == "one\n", "nobody has agreed"

    editor.answer = "Rebuild"
    project.write("needs.txt", "three\n")
    await editor.until(lambda: said(editor, "is as it is defined now"))
    assert len(editor.questions) == 2
    assert "needs.txt" in editor.questions[0].message
    await editor.command("buildd.build")
    assert project.read("out") == "three\n"


async def test_the_making_of_the_new_image_is_shown_and_can_be_cancelled(
    define: Callable[[str], ProjectFiles], start_editor: Start, daemon: Daemon
) -> None:
    project = define("rebuild")
    editor = await start_editor(project.path)
    project.write("Dockerfile", f"FROM {IMAGE}\nRUN sleep 600\n")
    await asyncio.to_thread(daemon.trust, project.path)

    def at_it() -> list[str | int]:
        """The tokens of what is shown to be in the middle of the build."""
        shown = editor.client.progress_reports.items()
        return [token for token, reports in shown if "sleep 600" in str(reports)]

    (token,) = await editor.until(at_it)
    editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await editor.until(lambda: "kind='end'" in str(editor.client.progress_reports[token]))
    await editor.command("buildd.build")
    assert project.read("out") == "one\n", "the container of before goes on"
