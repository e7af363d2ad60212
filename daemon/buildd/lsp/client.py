"""One LSP client: which projects it sees, what it is told, what it asks for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from buildd.environments.environment import LiveEnvironment
from buildd.errors import BuilddError, ConfigError, UntrustedError
from buildd.lsp.actions import register_actions
from buildd.lsp.buffers import buffers, put_right
from buildd.lsp.commands import register_commands
from buildd.lsp.consent import ask_for_trust, say_untrusted
from buildd.lsp.convert import Converter, shows_related
from buildd.lsp.documents import Documents
from buildd.lsp.language_server import forget_ended, language_server, position_encoding
from buildd.lsp.lens import refresh_lenses, register_lenses
from buildd.lsp.opened import OpenedProjects
from buildd.lsp.outdated import ask_to_rebuild, say_rebuilding, say_renewed
from buildd.lsp.progress import show_progress
from buildd.lsp.publisher import Publisher
from buildd.lsp.pull import register_pull, wants_pull
from buildd.model import RunState
from buildd.projects.observer import ProjectObserver
from buildd.projects.project import LiveProject
from buildd.runs.run import LiveRun

if TYPE_CHECKING:
    from buildd.server.session import Session

log = logging.getLogger(__name__)

_ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
)


def _is_our_failure(record: logging.LogRecord) -> bool:
    """Whether what pygls logs is more than an error that a client gets as its answer: those it logs
    with a traceback each."""
    answer = record.exc_info and isinstance(record.exc_info[1], JsonRpcException)
    return not answer and not str(record.msg).startswith("Unable to deserialize")


logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_our_failure)


class LspClient(ProjectObserver):
    """The LSP side of a session, over a pygls server of its own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.server = language_server()
        self.server.protocol.set_writer(session)  # type: ignore[arg-type]  # write() is what it uses
        self.documents = Documents(
            self.server, lambda warning: self.show(warning, types.MessageType.Warning)
        )
        self.opened = OpenedProjects(self)
        self.publisher = Publisher(self)
        self.runs: dict[str, LiveRun] = {}
        """The runs shown as work in progress, by their progress tokens."""
        self.renewals: dict[str, tuple[LiveEnvironment, asyncio.Event]] = {}
        """Likewise the environments that are renewed, and what is set when there is news."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self.asked: set[str] = set()
        """The configurations, by digest, that this client was asked to trust."""
        self.asks = True
        """Whether it puts questions to its user, as far as is known."""
        self._initialized = False
        self.pulls = False
        """Whether it asks for diagnostics instead of being sent them."""
        self._register()

    async def receive(self, message: Any, *, is_request: bool) -> None:
        """Handle one LSP message, decoded."""
        protocol = self.server.protocol
        try:
            structured = protocol.structure_message(message)
            if isinstance(structured, types.DidChangeTextDocumentNotification):
                await self.documents.change(structured.params)
            else:
                protocol.handle_message(structured)
                forget_ended(self.server)
        except JsonRpcException as error:
            # pygls has no answer of its own to parameters that do not fit.
            method = message.get("method", "")
            log.warning("session %d: %s does not fit its type", self.session.number, method)
            if is_request:
                failure = JsonRpcInvalidParams(
                    f"the parameters of `{method}` are not what LSP says", data=str(error)
                )
                protocol._send_response(  # noqa: SLF001 (there is no public way to answer)
                    message["id"], None, failure.to_response_error()
                )

    @property
    def requests_under_way(self) -> int:
        """Of this client's, and ours to it."""
        return len(self.server.protocol._request_futures)  # noqa: SLF001 (pygls has no count)

    def close(self) -> None:
        """The client is gone: it sees nothing any more, and runs that only it wanted end."""
        self.opened.leave()
        for task in self._tasks:
            task.cancel()
        for run in list(self.runs.values()):
            run.release(self)
        self.documents.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside the reading of messages; the client is told if it fails."""

        async def guarded() -> None:
            try:
                await work
            except BuilddError as error:
                self.show(str(error), types.MessageType.Error)
            except ConnectionError:
                log.info("session %d: the client has left", self.session.number)
            except Exception:
                log.exception("session %d", self.session.number)

        task = self.keep(asyncio.get_running_loop().create_task(guarded()))
        # One that is cancelled before it begins has never awaited its work.
        task.add_done_callback(lambda _: work.close())
        return task

    def keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Have the task end with the client, if not before."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def show(self, message: str, kind: types.MessageType) -> None:
        """Show a message in the editor."""
        self.server.window_show_message(
            types.ShowMessageParams(type=kind, message=f"buildd: {message}")
        )

    def converter(self) -> Converter:
        """From the model to what this client shows now."""
        return Converter(
            position_encoding(self.server),
            self.session.server.projects.built,
            buffers(self.server, self.opened.files),
            related=shows_related(self.server.client_capabilities),
        )

    async def ask_where_untrusted(self, project: LiveProject) -> None:
        """Ask for consent to the project's configuration, if that is what it lacks."""
        if (
            project.configuration.project
            and not project.configuration.errors
            and not project.configuration.trusted
        ):
            await ask_for_trust(self, project)

    # --- what the project tells

    def diagnostics_changed(self, project: LiveProject, files: set[str]) -> None:
        self.publisher.mark(project, files)

    def run_created(self, project: LiveProject, run: LiveRun) -> None:
        if run.record.task and self._initialized:
            self.spawn(show_progress(self, run))

    def ended(self, run: LiveRun) -> None:
        record = run.record
        if run.tests and self._initialized:
            refresh_lenses(self)
        if record.state is RunState.FINISHED and record.exit_status and not run.diagnostics:
            self.show(
                f"{record.task} failed with exit status {record.exit_status}, and its output "
                f"names no place. See `buildd logs {record.id}`",
                types.MessageType.Warning,
            )

    def environment_changed(self, project: LiveProject) -> None:
        for _, news in self.renewals.values():
            news.set()

    def environment_outdated(
        self, project: LiveProject, live: LiveEnvironment, *, asks: bool
    ) -> None:
        if self._initialized and asks:
            self.spawn(ask_to_rebuild(self, project, live))
        elif self._initialized:
            say_rebuilding(self, live)

    def environment_renewed(self, project: LiveProject, live: LiveEnvironment) -> None:
        if self._initialized and not live.renewal.error:
            say_renewed(self, live)

    def configuration_changed(self, project: LiveProject) -> None:
        if self._initialized:
            self.spawn(self.ask_where_untrusted(project))

    def message(self, project: LiveProject, error: BuilddError) -> None:
        if isinstance(error, UntrustedError) and self.asks:
            self.spawn(ask_for_trust(self, project))
        elif isinstance(error, UntrustedError):
            say_untrusted(self, project)
        elif isinstance(error, ConfigError):
            pass  # it is a diagnostic, in its place
        else:
            self.show(str(error), types.MessageType.Error)

    # --- what the client says

    def _register(self) -> None:
        def on(method: str, options: object = None) -> Callable[[Callable[[Any], None]], None]:
            # Plain functions: pygls sets attributes on what it registers.
            def register(handler: Callable[[Any], None]) -> None:
                self.server.feature(method, options)(handler)

            return register

        @on(types.INITIALIZE)
        def initialize(params: types.InitializeParams) -> None:
            self.pulls = wants_pull(params)
            # Without a word about windows, some never answer a question.
            self.asks = params.capabilities.window is not None

        @on(types.INITIALIZED)
        def initialized(_: types.InitializedParams) -> None:
            self._initialized = True
            if self.pulls:
                register_pull(self)
            workspace = self.server.workspace
            folders = [folder.uri for folder in workspace.folders.values()]
            self.opened.open_folders(folders or [uri for uri in (workspace.root_uri,) if uri])

        @on(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
        def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
            self.opened.open_folders(folder.uri for folder in params.event.added)
            for folder in params.event.removed:
                self.opened.close_folder(folder.uri)

        @on(types.TEXT_DOCUMENT_DID_OPEN)
        def opened(params: types.DidOpenTextDocumentParams) -> None:
            self.documents.keep(params.text_document.uri)
            self.opened.open_file(params.text_document.uri)

        @on(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=True))
        def saved(params: types.DidSaveTextDocumentParams) -> None:
            put_right(self.server, params)
            self.opened.save_file(params.text_document.uri)

        @on(types.TEXT_DOCUMENT_DID_CHANGE)
        def changed(_: types.DidChangeTextDocumentParams) -> None:
            """`Documents` keeps the text; diagnostics are of what was saved."""

        @on(types.TEXT_DOCUMENT_DID_CLOSE)
        def closed(params: types.DidCloseTextDocumentParams) -> None:
            self.opened.close_file(params.text_document.uri)

        @on(types.WORKSPACE_DID_DELETE_FILES, _ANY_FILE)
        def deleted(_: types.DeleteFilesParams) -> None:
            self.opened.files_gone()

        @on(types.WORKSPACE_DID_RENAME_FILES, _ANY_FILE)
        def renamed(_: types.RenameFilesParams) -> None:
            self.opened.files_gone()

        @on(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
        def settings_changed(_: types.DidChangeConfigurationParams) -> None:
            """Some send it unasked; buildd.toml is all the configuration there is."""

        @on(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
        def progress_cancelled(params: types.WorkDoneProgressCancelParams) -> None:
            token = str(params.token)
            if run := self.runs.get(token):
                run.cancel()
            elif token in self.renewals:
                self.renewals[token][0].cancel()

        register_commands(self)
        register_actions(self)
        register_lenses(self)
