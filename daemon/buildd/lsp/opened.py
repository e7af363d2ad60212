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

from buildd.errors import BuilddError, NoProjectError
from buildd.lsp.convert import uri
from buildd.paths import is_utf8
from buildd.projects.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)


class OpenedProjects:
    """Of one client, which sees the projects of whatever it has opened."""

    def __init__(self, client: LspClient) -> None:
        self._client = client
        self.projects: dict[str, LiveProject] = {}
        self.files: dict[str, LiveProject] = {}
        """The project of each file or directory that was spoken of."""
        self._recent: LiveProject | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self._refused: set[str] = set()
        """What the client was told of projects whose paths are not UTF-8: once each."""

    async def project_of(self, path: str) -> LiveProject:
        """The project of a file or directory, watched from now on. Raises NoProjectError."""
        project = self.files.get(path)
        if project is None:
            project = await self._client.session.server.projects.find(path)
            self.files[path] = project
        await self._attach(project)
        return project

    async def choose_project(self, path: str = "") -> LiveProject:
        """The project that a command means: of `path`, else the one worked on last."""
        if path:
            return await self.project_of(_path(path) or path)
        if self._opening:
            # A command that comes right after the folders is meant for them.
            await asyncio.wait(self._opening)
        if self._recent:
            return self._recent
        if self.projects:
            return next(iter(self.projects.values()))
        raise NoProjectError(
            "no project is open here", "`buildd init` writes a buildd.toml; then save a file."
        )

    def open_folders(self, uris: Iterable[str]) -> None:
        """See the projects at or above these."""
        for one in uris:
            if task := self._with_file(one, _attached):
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    def close_folder(self, folder: str) -> None:
        """See the project of this folder no more, nor its diagnostics."""
        project = self.projects.pop(_path(folder) or "", None)
        if project is None:
            return
        project.leave(self._client)
        self.files = {file: of for file, of in self.files.items() if of is not project}
        for file in project.results.findings.files():
            self._client.server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri=uri(file), diagnostics=[])
            )

    def open_file(self, file: str) -> None:
        """Show what is known of the file, whose project is worked on now."""
        self._with_file(file, self._file_opened)

    def save_file(self, file: str) -> None:
        """The file was saved: its project does what it is to do then."""
        self._with_file(file, self._file_saved)

    def close_file(self, file: str) -> None:
        """Forget the file; its project stays."""
        self.files.pop(_path(file) or "", None)

    def files_gone(self) -> None:
        """Some were deleted or renamed; which, is looked at."""
        for project in self.projects.values():
            project.results.gone.doubt()

    def leave(self) -> None:
        """See nothing any more."""
        for project in self.projects.values():
            project.leave(self._client)

    def _with_file(
        self, file: str, handle: Callable[[str, LiveProject], None]
    ) -> asyncio.Task[None] | None:
        """Do something with a file or folder and its project, if it has one."""
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
            self._client.spawn(project.refresh())
        project.saved(path)

    async def _attach(self, project: LiveProject) -> None:
        if project.path in self.projects:
            if project.configuration.project is None:
                # Another is reading it just now; without it, no save would start anything.
                await project.refresh()
            return
        self.projects[project.path] = project
        project.join(self._client)
        # What was found before this client came shows at once.
        self._client.publisher.mark(project, project.results.findings.files())
        await project.refresh()
        await self._client.session.server.projects.watch(project)
        self._client.spawn(self._client.ask_where_untrusted(project))


def _path(uri: str) -> str | None:
    """Return the path of a `file:` URI. pygls replaces bytes that are not UTF-8."""
    path = to_fs_path(uri)
    return os.fsdecode(unquote_to_bytes(urlsplit(uri).path)) if path and "\ufffd" in path else path


def _attached(path: str, project: LiveProject) -> None:
    """A folder needs no more than to have its project watched."""
