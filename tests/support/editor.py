"""An editor as far as the protocol goes: pytest-lsp's client over `buildd lsp`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types
from pygls.uris import from_fs_path
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import write


class Seen(NamedTuple):
    """What an editor shows of a diagnostic: 0-based lines and characters, end exclusive."""

    line: int
    start: int
    end: int
    severity: str
    message: str


class Editor:
    """One editor with one or more folders open."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.answer: str | None = None
        """The title of the action that the user chooses when asked; None dismisses."""
        self.questions: list[types.ShowMessageRequestParams] = []
        self.registered: list[str] = []
        self.unregistered: list[str] = []
        self._versions: dict[str, int] = {}

    @classmethod
    async def start(
        cls,
        daemon: Daemon,
        *folders: str,
        encodings: tuple[str, ...] = (),
        progress: bool = True,
        pull: bool = False,
        asks: bool = True,
        adapt: Callable[[types.ClientCapabilities], None] = lambda capabilities: None,
    ) -> Editor:
        """Start `buildd lsp` and open the folders. Without `asks` it knows no questions; `adapt`
        makes it another editor."""
        client = make_test_lsp_client()
        editor = cls(client)

        def ask(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            editor.questions.append(params)
            return types.MessageActionItem(editor.answer) if editor.answer else None

        def register(params: types.RegistrationParams) -> None:
            editor.registered += [one.method for one in params.registrations]

        def unregister(params: types.UnregistrationParams) -> None:
            editor.unregistered += [one.method for one in params.unregisterations]

        if asks:
            client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)(ask)
        client.feature(types.CLIENT_REGISTER_CAPABILITY)(register)
        client.feature(types.CLIENT_UNREGISTER_CAPABILITY)(unregister)
        command = str(Path(sys.executable).with_name("buildd"))
        await client.start_io(command, "lsp", env=daemon.environment, cwd="/")
        capabilities = client_capabilities("visual-studio-code")
        assert capabilities.general
        if encodings:
            capabilities.general.position_encodings = list(encodings)
        if capabilities.window:
            capabilities.window.work_done_progress = progress
        if pull and capabilities.text_document:
            capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities(
                dynamic_registration=True
            )
        adapt(capabilities)
        await client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                initialization_options={"diagnostics": "pull"} if pull else None,
                workspace_folders=[
                    types.WorkspaceFolder(uri=uri(folder), name=os.path.basename(folder))
                    for folder in folders
                ],
            )
        )
        return editor

    def open(self, file: str) -> None:
        """Open a file as it is on the disk."""
        self._versions[file] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(uri(file), "c", 1, Path(file).read_text("utf-8"))
            )
        )

    def save(self, file: str, text: str | None = None) -> None:
        """Change the whole text, if one is given, write it and say so."""
        identifier = types.TextDocumentIdentifier(uri(file))
        if text is not None:
            write(file, text)
            if file in self._versions:
                self.edit(file, text)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))

    def edit(self, file: str, text: str) -> None:
        """Change the whole text of an open file, without saving it."""
        self._versions[file] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._versions[file], uri(file)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def shown(self, file: str, severity: str = "") -> list[Seen]:
        """What is shown in a file now."""
        found = [
            Seen(
                one.range.start.line,
                one.range.start.character,
                one.range.end.character,
                (one.severity or types.DiagnosticSeverity.Error).name.lower(),
                str(one.message),
            )
            for one in self.client.diagnostics.get(uri(file), [])
        ]
        return [one for one in found if not severity or one.severity == severity]

    def all_shown(self) -> dict[str, int]:
        """How many diagnostics each file shows, where there are any."""
        return {key: len(found) for key, found in self.client.diagnostics.items() if found}

    async def until_clear(self, file: str = "") -> None:
        """Wait until nothing shows any more, in the file or at all."""
        await self.until(lambda: not (self.shown(file) if file else self.all_shown()))

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until the condition holds; what it gave."""
        return await asyncio.wait_for(self._until(condition), TIMEOUT)

    async def _until(self, condition: Callable[[], Any]) -> Any:
        while not (found := condition()):
            await asyncio.sleep(0.01)  # between two looks, not instead of one
        return found

    def ended_runs(self) -> int:
        """How many shown runs have come to their end."""
        return sum(map(self.has_ended, self.client.progress_reports))

    def has_ended(self, token: types.ProgressToken) -> bool:
        """Whether the run shown under this token has come to its end."""
        reports = self.client.progress_reports[token]
        return bool(reports) and isinstance(reports[-1], types.WorkDoneProgressEnd)

    async def command(self, name: str, *arguments: str) -> Any:
        """Execute a command of the daemon."""
        return await self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(name, arguments=list(arguments))
        )

    async def close(self) -> None:
        await self.client.shutdown_session()
        await self.leave()

    async def leave(self) -> None:
        """Go without a word."""
        await self.client.stop()  # type: ignore[no-untyped-call]  # pytest-lsp left it so


def uri(path: str) -> str:
    return from_fs_path(path) or ""
