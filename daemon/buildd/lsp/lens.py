"""Code lenses: a test can be run at the line where it is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from buildd.errors import BuilddError
from buildd.lsp.convert import Converter
from buildd.model import Span, TestResult, TestState

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

RUN_TEST = "buildd.runTest"

_STATES = {
    TestState.PASSED: "passed",
    TestState.FAILED: "failed",
    TestState.ERRORED: "failed",
    TestState.SKIPPED: "skipped",
}
_ORDER = (TestState.FAILED, TestState.ERRORED, TestState.PASSED, TestState.SKIPPED)

LIMIT = 3
"""Lenses on one line."""


def register_lenses(client: LspClient) -> None:
    """Register code lenses with the client's server."""

    @client.server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        path = to_fs_path(uri) if uri.startswith("file:") else None
        if not path:
            return []
        try:
            project = await client.opened.project_of(path)
        except BuilddError:
            return []
        found = [
            (span, task, test)
            for task, tests in project.runs.tests().items()
            for test in tests
            if (span := _span_of(test)) and span.file == path
        ]
        return await asyncio.to_thread(_lenses, client.converter(), path, found) if found else []


def refresh_lenses(client: LspClient) -> None:
    """Have the client ask again for the lenses, if it supports that."""
    workspace = client.server.client_capabilities.workspace
    if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
        client.server.workspace_code_lens_refresh(None)


def _span_of(test: TestResult) -> Span | None:
    """Where the test is written, or else where it failed."""
    return (test.declared.span if test.declared else None) or test.span


def _lenses(
    converter: Converter, path: str, found: list[tuple[Span, str, TestResult]]
) -> list[types.CodeLens]:
    """At most `LIMIT` lenses for each line, those of failed tests first.

    A line has many tests if a function is one for each of its parameters.
    """
    lines: dict[int, list[types.CodeLens]] = {}
    for span, task, test in sorted(found, key=lambda entry: _ORDER.index(entry[2].state)):
        start = converter.range(span).start
        lenses = lines.setdefault(start.line, [])
        if len(lenses) == LIMIT:
            continue
        lenses.append(
            types.CodeLens(
                range=types.Range(start, start),
                command=types.Command(
                    title=f"Run test {test.path[-1]} ({_STATES[test.state]})",
                    command=RUN_TEST,
                    arguments=[task, path, *test.path],
                ),
            )
        )
    return [lens for line in sorted(lines) for lens in lines[line]]
