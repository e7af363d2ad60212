"""Shims: the environment's tools, called on the host."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.uris import from_fs_path

from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import BROKEN_C, ProjectFiles

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

FILES = {"buildd.toml": '[tasks.build]\nrun = "true"\n', "sub/lib.c": BROKEN_C}


def call(
    daemon: Daemon, project: ProjectFiles, command: str, cwd: str
) -> subprocess.CompletedProcess[str]:
    path = f"{project.file('bin')}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        shell=True,
        cwd=cwd,
        env={**daemon.environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def test_a_shim_runs_the_environment_s_tool_where_it_is_called(
    make_project: Make, command: Command, daemon: Daemon, engine: str
) -> None:
    project = make_project(FILES, engine=engine)
    assert command("up", cwd=project.path).returncode == 0
    made = command("shim", "bin", "pwd", "sh", cwd=project.path)
    assert made.stdout == f"{project.file('bin')}: pwd, sh\n"
    assert call(daemon, project, "env pwd", project.file("sub")).stdout == project.file("sub\n")
    assert call(daemon, project, "env pwd", "/").stdout == f"{project.path}\n"
    result = call(
        daemon, project, "env sh -c 'cat; echo \"$0\"; exit 9' 'a  b' <lib.c", project.file("sub")
    )
    assert result.stdout == BROKEN_C + "a  b\n"
    assert result.returncode == 9


def test_a_shim_that_is_called_inside_a_run_does_not_go_round_in_circles(
    make_project: Make, command: Command, daemon: Daemon
) -> None:
    project = make_project(FILES)
    assert command("shim", "bin", "gcc", cwd=project.path).returncode == 0
    result = command("exec", "--", project.file("bin/gcc"), cwd=project.path)
    assert result.returncode == 125
    assert "inside a run" in result.stderr


def test_shims_replace_shims_and_nothing_else(make_project: Make, command: Command) -> None:
    project = make_project({**FILES, "bin/make": "#!/bin/sh\nmine\n"})
    refused = command("shim", "bin", "gcc", "make", cwd=project.path)
    assert refused.returncode == 125
    assert "bin/make exists already" in refused.stderr
    assert os.listdir(project.file("bin")) == ["make"]
    assert command("shim", "bin", "gcc", cwd=project.path).returncode == 0
    assert command("shim", "bin", "gcc", cwd=project.path).returncode == 0
    assert "not the name of a tool" in command("shim", "bin", "a/b", cwd=project.path).stderr


@pytest.mark.engine
async def test_a_language_server_in_the_container_serves_an_editor_on_the_host(
    make_project: Make, command: Command, daemon: Daemon
) -> None:
    project = make_project(FILES, engine="docker")
    assert command("up", cwd=project.path).returncode == 0
    assert command("shim", "bin", "clangd", cwd=project.path).returncode == 0
    file = project.file("sub/lib.c")
    document = from_fs_path(file) or ""
    shown: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
    editor = LanguageClient("editor", "1")

    @editor.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
    def on_published(params: types.PublishDiagnosticsParams) -> None:
        shown.put_nowait(params)

    await editor.start_io(project.file("bin/clangd"), env=daemon.environment, cwd=project.path)
    await editor.initialize_async(
        types.InitializeParams(types.ClientCapabilities(), root_uri=from_fs_path(project.path))
    )
    editor.initialized(types.InitializedParams())
    item = types.TextDocumentItem(document, "c", 1, Path(file).read_text("utf-8"))
    editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
    found = await asyncio.wait_for(shown.get(), TIMEOUT)
    assert found.uri == document
    error = next(diagnostic for diagnostic in found.diagnostics if diagnostic.severity == 1)
    assert (error.range.start.line, error.range.start.character) == (2, 15)
    hover = await editor.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(document), types.Position(0, 5))
    )
    assert hover
    assert "twice" in str(hover.contents)
    await editor.shutdown_async(None)
    editor.exit(None)
    assert editor._server
    await asyncio.wait_for(editor._server.wait(), TIMEOUT)
    await editor.stop()  # type: ignore[no-untyped-call]  # pygls left it so
