"""Files that are deleted or renamed while they have diagnostics."""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable

import pytest
from lsprotocol import types

from tests.support.daemon import Daemon
from tests.support.editor import Editor, uri
from tests.support.project import BROKEN_C, ProjectFiles

Make = Callable[..., ProjectFiles]
Start = Callable[..., Awaitable[Editor]]

TASK = '[tasks.build]\nrun = "gcc -fsyntax-only {}"\non-save = ["**/*.c"]\n'


async def shows(start_editor: Start, project: ProjectFiles, *names: str) -> Editor:
    """An editor that shows an error in each of these files, with nothing under way."""
    editor = await start_editor(project.path)
    assert (await editor.command("buildd.build"))["exitStatus"] == 1
    await editor.until(lambda: named(editor, project) >= set(names))
    return editor


def named(editor: Editor, project: ProjectFiles) -> set[str]:
    """The files that show something, relative to the project."""
    return {os.path.relpath(file, project.path) for file in map(uri_path, editor.all_shown())}


def uri_path(one: str) -> str:
    return one.removeprefix("file://")


@pytest.mark.parametrize(
    ("go", "left"),
    [
        (lambda at: os.unlink(at("src/deep/one.c")), {"src/two.c", "lib.c"}),
        (lambda at: os.rename(at("lib.c"), at("src/new.c")), {"src/deep/one.c", "src/two.c"}),
        (lambda at: os.rename(at("src"), at("other")), {"lib.c"}),
        (lambda at: shutil.rmtree(at("src")), {"lib.c"}),
    ],
    ids=["deleted", "renamed", "directory-renamed", "directory-deleted"],
)
async def test_what_a_file_showed_goes_with_it(
    make_project: Make,
    start_editor: Start,
    daemon: Daemon,
    go: Callable[[Callable[[str], str]], object],
    left: set[str],
) -> None:
    names = ("src/deep/one.c", "src/two.c", "lib.c")
    files = dict.fromkeys(names, BROKEN_C)
    project = make_project({"buildd.toml": TASK.format(" ".join(names)), **files})
    editor = await shows(start_editor, project, *names)
    other = await start_editor(project.path)
    go(project.file)
    await editor.until(lambda: named(editor, project) == left)
    await other.until(lambda: named(other, project) == left)
    client = daemon.connect()
    found = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert {os.path.relpath(one["file"], project.path) for one in found} == left
    (status,) = client.request("buildd/status", project=project.path)["projects"]
    assert status["tasks"][0]["errors"] == len(left)


async def test_what_is_written_anew_or_never_was_there_keeps_what_it_shows(
    make_project: Make, start_editor: Start
) -> None:
    names = ("lib.c", "sentinel.c")
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "cat log; gcc -fsyntax-only *.c"\n',
            "log": "missing.c:1:1: error: was generated, and is not kept\n",
            **dict.fromkeys(names, BROKEN_C),
        }
    )
    editor = await shows(start_editor, project, "missing.c", *names)
    # As an editor saves that keeps the old text as a backup.
    os.rename(project.file("lib.c"), project.file("lib.c~"))
    project.write("lib.c", BROKEN_C)
    os.unlink(project.file("sentinel.c"))
    await editor.until(lambda: named(editor, project) == {"lib.c", "missing.c"})


async def test_what_went_while_there_was_no_daemon_is_noticed_by_the_next(
    make_project: Make, start_editor: Start, daemon: Daemon
) -> None:
    names = ("one.c", "two.c")
    files = dict.fromkeys(names, BROKEN_C)
    project = make_project({"buildd.toml": TASK.format("*.c"), **files})
    found = daemon.connect().request("buildd/run", project=project.path, task="build")
    assert {os.path.basename(one["file"]) for one in found["diagnostics"]} == set(names)
    daemon.stop()
    os.unlink(project.file("one.c"))
    later = await start_editor(project.path)
    await later.until(lambda: named(later, project) == {"two.c"})


async def test_an_editor_that_tells_is_believed_after_a_look(
    make_project: Make, start_editor: Start, directory: str
) -> None:
    """Here the system does not tell: nobody watches what is above the place of a link."""
    outside = f"{directory}/outside"
    os.makedirs(f"{outside}/deep")
    project = make_project({"buildd.toml": TASK.format("lib.c linked/lib.c"), "lib.c": BROKEN_C})
    os.symlink(f"{outside}/deep", project.file("linked"))
    project.write("linked/lib.c", BROKEN_C)
    editor = await shows(start_editor, project, "linked/lib.c", "lib.c")
    os.rename(outside, f"{outside}-2")
    renamed = types.FileRename(uri(outside), uri(f"{outside}-2"))
    editor.client.workspace_did_rename_files(types.RenameFilesParams([renamed]))
    # Not so what is still there, whatever is said of it.
    deleted = types.FileDelete(uri(project.file("lib.c")))
    editor.client.workspace_did_delete_files(types.DeleteFilesParams([deleted]))
    await editor.until(lambda: named(editor, project) == {"lib.c"})
