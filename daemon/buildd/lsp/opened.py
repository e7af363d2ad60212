"""What a client works on: its folders, its files, and the projects that they belong to."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from lsprotocol import types
from pygls.uris import to_fs_path

from buildd.base.task_set import TaskSet
from buildd.errors import BuilddError, NoProjectError
from buildd.lsp.convert import uri
from buildd.lsp.project_view import ProjectView
from buildd.paths import is_utf8
from buildd.projects.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)


class OpenedProjects:
    """The projects of what one client has opened; the client is shown what happens in them."""

    def __init__(self, client: LspClient) -> None:
        self._client = client
        self.projects: dict[str, LiveProject] = {}
        """The projects that the client sees, by their paths."""
        self.files: dict[str, LiveProject] = {}
        """The project of each file or directory that the client has named."""
        self._views: dict[str, ProjectView] = {}
        self._recent: LiveProject | None = None
        self._opening = TaskSet(log)
        self._refused: set[str] = set()
        """What the client was told about projects whose paths are not UTF-8: once each."""

    async def project_of(self, path: str) -> LiveProject:
        """Return the project of a file or directory, which the client sees from now on.

        Raises NoProjectError.
        """
        project = self.files.get(path)
        if project is None:
            project = await self._client.session.projects.find(path)
            self.files[path] = project
        await self._attach(project)
        return project

    async def choose_project(self, path: str = "") -> LiveProject:
        """Return the project of `path`, without it the one that the client used last.

        Raises NoProjectError.
        """
        if path:
            return await self.project_of(_path(path) or path)
        if self._opening:
            # A command that comes right after the folders is meant for them.
            await self._opening.settled()
        if self._recent:
            return self._recent
        if self.projects:
            return next(iter(self.projects.values()))
        raise NoProjectError(
            "no project is open here", "`buildd init` writes a buildd.toml; then save a file."
        )

    def open_folders(self, uris: Iterable[str]) -> None:
        """Show the projects at or above these folders."""
        for folder in uris:
            if task := self._with_file(folder, _attached):
                self._opening.keep(task)

    def close_folder(self, folder: str) -> None:
        """Show the project of this folder no more, nor its diagnostics."""
        path = _path(folder) or ""
        project = self.projects.pop(path, None)
        if project is None:
            return
        project.leave(self._views.pop(path))
        self.files = {file: of for file, of in self.files.items() if of is not project}
        for file in project.results.findings.files():
            self._client.server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri=uri(file), diagnostics=[])
            )

    def open_file(self, file: str) -> None:
        """Show the diagnostics of the file, and take its project for the one used last."""
        self._with_file(file, self._file_opened)

    def save_file(self, file: str) -> None:
        """Tell the file's project that it was saved."""
        self._with_file(file, self._file_saved)

    def close_file(self, file: str) -> None:
        """Forget the file; its project stays."""
        self.files.pop(_path(file) or "", None)

    def files_deleted(self) -> None:
        """Have the projects look which files are gone: some were deleted or renamed."""
        for project in self.projects.values():
            project.results.deleted_files.check_all()

    def leave(self) -> None:
        """Show nothing any more."""
        for path, project in self.projects.items():
            project.leave(self._views[path])

    def _with_file(
        self, file: str, handle: Callable[[str, LiveProject], None]
    ) -> asyncio.Task[None] | None:
        """Call `handle` with a file or folder and its project, if it has one."""
        path = _path(file) if file.startswith("file:") else None
        return self._client.spawn(self._handle_file(path, handle)) if path else None

    async def _handle_file(self, path: str, handle: Callable[[str, LiveProject], None]) -> None:
        try:
            project = await self.project_of(path)
        except NoProjectError as error:
            log.debug("%s: %s", path, error)
            return
        except BuilddError as error:
            if is_utf8(path):
                raise
            if str(error) not in self._refused:
                self._refused.add(str(error))
                raise
            return
        handle(path, project)

    def _file_opened(self, path: str, project: LiveProject) -> None:
        self._recent = project
        self._client.publisher.mark(project, {path} & project.results.findings.files())

    def _file_saved(self, path: str, project: LiveProject) -> None:
        self._recent = project
        if path in project.configuration.files():
            self._client.spawn(project.configuration.refresh())
        project.automatic_runs.saved(path)

    async def _attach(self, project: LiveProject) -> None:
        if project.path in self.projects:
            if project.configuration.project is None:
                # Another is reading it just now; without it, no save would start anything.
                await project.configuration.refresh()
            return
        view = ProjectView(self._client, project)
        self.projects[project.path], self._views[project.path] = project, view
        project.join(view)
        # What was found before this client came shows at once.
        self._client.publisher.mark(project, project.results.findings.files())
        await project.configuration.refresh()
        await self._client.session.projects.watch(project)
        self._client.spawn(view.ask_for_trust_if_missing())


def _path(uri: str) -> str | None:
    """Return the path of a `file:` URI. pygls replaces bytes that are not UTF-8."""
    path = to_fs_path(uri)
    return os.fsdecode(unquote_to_bytes(urlsplit(uri).path)) if path and "\ufffd" in path else path


def _attached(path: str, project: LiveProject) -> None:
    """A folder needs no more than that its project is shown."""
