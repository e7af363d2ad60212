"""Editors that cannot do all that others can: what they are told instead."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.support.editor import Editor, uri
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles

pytestmark = pytest.mark.ways("lsp", "in-process")

Make = Callable[..., ProjectFiles]
Start = Callable[..., Awaitable[Editor]]

BUILD = '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n'
FILES = {"buildd.toml": BUILD, "Makefile": MAKEFILE, "lib.c": FIXED_C}


def messages(editor: Editor) -> list[str]:
    return [one.message for one in editor.client.messages]


def without_windows(capabilities: types.ClientCapabilities) -> None:
    capabilities.window = None


async def consent(editor: Editor, file: str) -> tuple[str, list[str]]:
    """The command of the code action that is offered, with its arguments."""
    found = await editor.client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(uri(file)),
            types.Range(types.Position(0, 0), types.Position(0, 0)),
            types.CodeActionContext([]),
        )
    )
    (action,) = found or ()
    assert action.title == "Trust this configuration, with host"
    # The client's library takes an action without an edit for a command.
    command = ast.literal_eval(str(action.command))
    return command["command"], command["arguments"]


@pytest.mark.parametrize(
    ("asks", "adapt"), [(False, lambda capabilities: None), (True, without_windows)]
)
async def test_who_cannot_ask_says_so_and_trusts_by_a_code_action(
    make_project: Make,
    start_editor: Start,
    asks: bool,
    adapt: Callable[[types.ClientCapabilities], None],
) -> None:
    project = make_project(FILES, trust=False)
    editor = await start_editor(project.path, asks=asks, adapt=adapt)
    source, configuration = project.file("lib.c"), project.file("buildd.toml")
    editor.open(source)
    await editor.until(lambda: messages(editor))
    assert messages(editor) == [
        f"buildd: run `buildd trust`: nothing is built in {project.path} yet"
    ]

    # Each time that a build was wanted.
    editor.save(source, BROKEN_C)
    await editor.until(lambda: len(messages(editor)) == 2)

    (shown,) = await editor.until(lambda: editor.shown(configuration))
    assert shown.severity == "warning"
    assert "    $ make" in shown.message.splitlines()
    command, arguments = await consent(editor, configuration)

    # What it consents to is what was shown.
    project.write("Makefile", MAKEFILE + "\n")
    project.write("buildd.toml", project.read("buildd.toml").replace('"make"', '"make lib.o"'))
    with pytest.raises(JsonRpcException, match="has changed since it was shown"):
        await editor.command(command, *arguments)
    await editor.until(
        lambda: any("make lib.o" in one.message for one in editor.shown(configuration))
    )
    command, arguments = await consent(editor, configuration)
    assert await editor.command(command, *arguments) == {"trusted": True}
    await editor.until_clear(configuration)
    editor.save(source)
    await editor.until(lambda: editor.shown(source, "error"))


async def test_who_can_ask_asks_by_the_code_action_too(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(FILES, trust=False)
    editor = await start_editor(project.path)
    configuration = project.file("buildd.toml")
    await editor.until(lambda: editor.questions and editor.shown(configuration))
    # Enter must do no harm.
    assert next(one.title for one in editor.questions[0].actions or ()) == "Not now"
    assert await consent(editor, configuration) == ("buildd.trust", [project.path])
    editor.answer = "Trust this configuration, with host"
    assert await editor.command("buildd.trust", project.path) == {"trusted": True}
    assert messages(editor) == []


async def test_notes_are_in_the_message_where_they_show_nowhere_else(
    make_project: Make, start_editor: Start
) -> None:
    def without_related(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.text_document
        assert capabilities.text_document.publish_diagnostics
        capabilities.text_document.publish_diagnostics.related_information = None

    project = make_project(FILES)
    plain = await start_editor(project.path, adapt=without_related)
    full = await start_editor(project.path)
    file = project.file("lib.c")
    project.write("lib.c", "int one(void);\n\nlong one(void) { return 1; }\n")
    await plain.command("buildd.build")
    message = "conflicting types for ‘one’; have ‘long int(void)’"
    note = "lib.c:1: previous declaration of ‘one’ with type ‘int(void)’"
    (error,) = await plain.until(lambda: plain.shown(file, "error"))
    assert error.message == f"{message}\n{note}"
    (error,) = await full.until(lambda: full.shown(file, "error"))
    assert error.message == message


async def test_a_hover_is_plain_where_markdown_is_not_known(
    make_project: Make, start_editor: Start
) -> None:
    def without_markdown(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.text_document
        assert capabilities.text_document.hover
        capabilities.text_document.hover.content_format = [types.MarkupKind.PlainText]

    project = make_project(FILES)
    editor = await start_editor(project.path, adapt=without_markdown)
    file = project.file("lib.c")
    project.write("lib.c", BROKEN_C)
    await editor.command("buildd.build")
    hover = await editor.client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(uri(file)), types.Position(2, 16))
    )
    assert hover
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind == types.MarkupKind.PlainText
    assert hover.contents.value.startswith("lib.c:3:16: error: ")


async def test_a_saved_text_replaces_what_changes_in_a_wrong_order_made(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(FILES)
    editor = await start_editor(project.path)
    file = project.file("lib.c")
    editor.open(file)
    editor.edit(file, "nothing like it\n")
    project.write("lib.c", BROKEN_C)
    editor.client.text_document_did_save(
        types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri(file)), BROKEN_C)
    )
    (error,) = await editor.until(lambda: editor.shown(file, "error"))
    assert (error.line, error.start, error.end) == (2, 15, 20)
    assert "has changed" not in error.message


async def test_who_cannot_open_a_log_is_told_where_it_is(
    make_project: Make, start_editor: Start
) -> None:
    project = make_project(FILES)
    editor = await start_editor(project.path)
    del editor.client.protocol.fm.features[types.WINDOW_SHOW_DOCUMENT]
    run = await editor.command("buildd.build")
    assert await editor.command("buildd.showLog") == {"success": False}
    (message,) = messages(editor)
    assert message.startswith("buildd: see /")
    assert message.endswith(f"{run['run']}.log")


async def test_wrong_arguments_of_a_command_are_answered_with_the_right_ones(
    make_project: Make, start_editor: Start
) -> None:
    editor = await start_editor(make_project(FILES).path)
    with pytest.raises(JsonRpcException, match="the arguments are: task, path"):
        await editor.command("buildd.run")
