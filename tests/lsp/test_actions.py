"""What an editor can do about diagnostics, and how they follow a text that is edited."""

from __future__ import annotations

import ast
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from tests.support.editor import Editor, uri
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles

pytestmark = pytest.mark.ways("lsp", "in-process")

Make = Callable[..., ProjectFiles]
Start = Callable[..., Awaitable[Editor]]

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c", "*.h"]\n'
FIXABLE = "struct point { int x; };\nint \u00e9t\u00e9(struct point *p) { return p.x; }\n"
PARSEABLE = "lib.o: lib.c\n\tgcc -Wall -fdiagnostics-parseable-fixits -c lib.c\n"


@pytest.fixture
def project(make_project: Make) -> ProjectFiles:
    return make_project({"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": FIXED_C})


async def actions(editor: Editor, file: str, line: int) -> list[types.CodeAction]:
    at = types.Position(line, 0)
    found = await editor.client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(uri(file)),
            types.Range(at, types.Position(line, 200)),
            types.CodeActionContext([]),
        )
    )
    return [one for one in found or [] if isinstance(one, types.CodeAction)]


async def test_a_tool_s_fix_is_a_code_action_until_the_text_is_another(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project({"buildd.toml": BUILD, "Makefile": PARSEABLE, "lib.c": FIXED_C})
    editor = await start_editor(project.path, encodings=("utf-16",))
    file = project.file("lib.c")
    editor.open(file)
    editor.save(file, FIXABLE)
    await editor.until(lambda: editor.shown(file, "error"))
    await editor.command("buildd.build")
    (action,) = await actions(editor, file, 1)
    assert action.edit
    assert action.edit.changes
    (edit,) = action.edit.changes[uri(file)]
    line = FIXABLE.split("\n")[1]
    start = line.index("p.x") + 1
    assert (edit.range.start, edit.range.end) == (
        types.Position(1, start),
        types.Position(1, start + 1),
    )
    assert edit.new_text == "->"
    assert await actions(editor, file, 0) == []

    # Two lines more above: the fix goes with its line.
    editor.edit(file, "\n\n" + FIXABLE)
    (action,) = await actions(editor, file, 3)
    assert action.edit
    assert action.edit.changes
    assert action.edit.changes[uri(file)][0].range.start == types.Position(3, start)

    # Its own line edited: it cannot be applied any more.
    editor.edit(file, FIXABLE.replace("return p.x", "return  p.x"))
    assert await actions(editor, file, 1) == []

    # Saved by another program, too: what was built is still known.
    editor.edit(file, FIXABLE)
    Path(file).write_text(f"\n{FIXABLE}")
    assert await actions(editor, file, 1)
    editor.edit(file, f"\n\n\n{FIXABLE}")
    (action,) = await actions(editor, file, 4)
    assert action.edit
    assert action.edit.changes
    assert action.edit.changes[uri(file)][0].range.start == types.Position(4, start)


async def test_what_is_published_later_is_where_its_line_is_now(
    make_project: Make, start_editor: Start
) -> None:
    slow = "lib.o: lib.c\n\twhile ! [ -e go ]; do sleep 0.02; done\n\tgcc -c lib.c\n"
    project = make_project({"buildd.toml": BUILD, "Makefile": slow, "lib.c": FIXED_C})
    editor = await start_editor(project.path)
    file = project.file("lib.c")
    editor.open(file)
    editor.save(file, BROKEN_C)
    editor.edit(file, "\n" + BROKEN_C)
    project.write("go", "")
    (error,) = await editor.until(lambda: editor.shown(file, "error"))
    assert (error.line, error.start, error.end) == (3, 15, 20)

    editor.edit(file, BROKEN_C)
    editor.save(file, BROKEN_C + "\n")
    await editor.until(lambda: editor.shown(file, "error") and editor.shown(file)[0].line == 2)


async def test_a_line_that_is_gone_is_marked(make_project: Make, start_editor: Start) -> None:
    slow = "lib.o: lib.c\n\twhile ! [ -e go ]; do sleep 0.02; done\n\tgcc -c lib.c\n"
    project = make_project({"buildd.toml": BUILD, "Makefile": slow, "lib.c": FIXED_C})
    editor = await start_editor(project.path)
    file = project.file("lib.c")
    editor.open(file)
    editor.save(file, BROKEN_C)
    editor.edit(file, FIXED_C)
    project.write("go", "")
    (error,) = await editor.until(lambda: editor.shown(file, "error"))
    assert error.line == 2
    assert "this line has changed since the build" in error.message


async def test_a_hover_shows_what_the_tool_printed(
    project: ProjectFiles, start_editor: Start
) -> None:
    editor = await start_editor(project.path)
    file = project.file("lib.c")
    editor.open(file)
    editor.save(file, BROKEN_C)
    await editor.command("buildd.build")

    async def hover(line: int) -> types.Hover | None:
        return await editor.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri(file)), types.Position(line, 16))
        )

    found = await hover(2)
    assert found
    assert isinstance(found.contents, types.MarkupContent)
    assert "    3 |     return 2 * numbr;\n      |                ^~~~~" in found.contents.value
    assert await hover(1) is None


async def test_a_client_may_pull(project: ProjectFiles, start_editor: Start) -> None:
    editor = await start_editor(project.path, pull=True)
    file = project.write("lib.c", BROKEN_C)
    editor.open(file)
    await editor.until(lambda: types.TEXT_DOCUMENT_DIAGNOSTIC in editor.registered)
    await editor.command("buildd.build")
    await editor.until(lambda: editor.client.diagnostic_refresh_count)
    identifier = types.TextDocumentIdentifier(uri(file))

    async def ask(previous: str = "") -> object:
        return await editor.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(identifier, previous_result_id=previous or None)
        )

    report = await ask()
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert {one.range.start.line for one in report.items} >= {2}
    assert report.result_id
    assert isinstance(await ask(report.result_id), types.RelatedUnchangedDocumentDiagnosticReport)
    whole = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
    assert [(one.uri, one.result_id) for one in whole.items] == [(uri(file), report.result_id)]
    assert not editor.client.diagnostics, "nothing is shown twice"

    editor.save(file, FIXED_C)
    await editor.command("buildd.build")
    known = [types.PreviousResultId(uri(file), report.result_id)]
    whole = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
    (cleared,) = whole.items
    assert isinstance(cleared, types.WorkspaceFullDocumentDiagnosticReport)
    assert list(cleared.items) == []


async def test_a_tool_explains_its_code(make_project: Make, start_editor: Start) -> None:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    project = make_project(
        {
            "buildd.toml": f'[tasks.build]\nrun = "ruff check a.py"\nenv = {{ PATH = "{path}" }}\n',
            "a.py": "import os\n",
        },
        engine="host",
    )
    editor = await start_editor(project.path)
    file = project.file("a.py")
    editor.open(file)
    await editor.command("buildd.build")
    offered = await editor.client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(uri(file)),
            types.Range(types.Position(0, 8), types.Position(0, 8)),
            types.CodeActionContext([]),
        )
    )
    # The client's library takes an action without an edit for a command.
    (action,) = [one for one in offered or [] if one.title == "Explain F401"]
    arguments = ast.literal_eval(str(action.command))["arguments"]
    result = await editor.command("buildd.explain", *arguments)
    assert result["success"]
    (shown,) = editor.client.shown_documents
    assert Path(to_fs_path(shown.uri) or "").read_text().startswith("# unused-import (F401)")
    with pytest.raises(JsonRpcException, match="no tool is known"):
        await editor.command("buildd.explain", "ruff", "F401; rm -rf x")


TESTS = """\
def test_good():
    assert True


def test_bad():
    assert open("value").read() == "good"
"""


async def test_a_test_is_run_where_it_failed(make_project: Make, start_editor: Start) -> None:
    command = f"{sys.executable} -m pytest -p no:cacheprovider -v"
    project = make_project(
        {
            "buildd.toml": f'[tasks.test]\nrun = "{command}"\n',
            "test_it.py": TESTS,
            "value": "bad",
        },
        engine="host",
    )
    editor = await start_editor(project.path)
    file = project.file("test_it.py")
    editor.open(file)
    await editor.command("buildd.test")
    editor.edit(file, f"\n{TESTS}")
    asked = types.CodeLensParams(types.TextDocumentIdentifier(uri(file)))
    found = await editor.client.text_document_code_lens_async(asked)
    (lens,) = [one for one in found or [] if one.command and "test_bad" in one.command.title]
    assert lens.range.start.line == 5, "where it is written, not where it failed"
    assert lens.command
    assert lens.command.title == "Run test test_bad (failed)"
    project.write("value", "good")
    result = await editor.command(lens.command.command, *map(str, lens.command.arguments or ()))
    assert (result["state"], result["exitStatus"]) == ("finished", 0)
    await editor.until(lambda: not editor.shown(file, "error"))
    status = await editor.command("buildd.status")
    assert status["lines"][-1] == "test: exit status 1; 0 errors, 0 warnings"
    opened = await editor.command("buildd.showLog")
    assert opened["success"]
    assert "1 failed" in Path(to_fs_path(editor.client.shown_documents[-1].uri) or "").read_text()


async def test_only_addresses_of_the_web_are_opened(
    project: ProjectFiles, start_editor: Start
) -> None:
    editor = await start_editor(project.path)
    result = await editor.command("buildd.openDocumentation", "https://example.org/E1")
    assert result["success"]
    (shown,) = editor.client.shown_documents
    assert (shown.uri, shown.external) == ("https://example.org/E1", True)
    with pytest.raises(JsonRpcException, match="no address"):
        await editor.command("buildd.openDocumentation", "file:///etc/passwd")
