"""What a client works on: its folders, its files, and the projects that they belong to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from buildd.errors import NoProjectError
from buildd.lsp.convert import publishable
from buildd.model import Diagnostic
from buildd.projects.project import LiveProject

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

log = logging.getLogger(__name__)

FOLDERS_LIMIT = 1000
"""Folders of one session."""

FILES_LIMIT = 10_000
"""Files and directories of which a session remembers the project."""

HANDLED_LIMIT = 64
"""Files of one session that are looked at at once; further messages wait."""


class OpenedProjects:
    """Of one client, which sees the projects of whatever it has opened."""

    def __init__(self, client: LspClient) -> None:
        self._client = client
        self.projects: dict[str, LiveProject] = {}
        self.files: dict[str, LiveProject] = {}
        """The project of each file or directory that was spoken of."""
        self._recent: LiveProject | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self._handled: set[asyncio.Task[None]] = set()
        self._folders: set[str] = set()
        self._has_warned = False

    async def ready(self) -> None:
        """Return once there is room for another file to be looked at."""
        while len(self._handled) >= HANDLED_LIMIT:
            await asyncio.wait(self._handled, return_when=asyncio.FIRST_COMPLETED)

    async def project_of(self, path: str) -> LiveProject:
        """The project of a file or directory, watched from now on. Raises NoProjectError."""
        project = self.files.get(path)
        if project is None:
            project = await self._client.session.server.projects.find(path)
            self.files[path] = project
            if len(self.files) > FILES_LIMIT:
                del self.files[next(iter(self.files))]
        await self._attach(project)
        return project

    async def choose_project(self, path: str = "") -> LiveProject:
        """The project that a command means: of `path`, else the one worked on last."""
        if path:
            return await self.project_of(to_fs_path(path) or path)
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
            if len(self._folders) >= FOLDERS_LIMIT and one not in self._folders:
                self._warn_of_folders()
                return
            self._folders.add(one)
            if task := self._with_file(one, _attached):
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    def close_folder(self, folder: str) -> None:
        """See the project of this folder no more, nor its diagnostics."""
        self._folders.discard(folder)
        project = self.projects.pop(to_fs_path(folder) or "", None)
        if project is None:
            return
        project.leave(self._client)
        self.files = {file: of for file, of in self.files.items() if of is not project}
        self._client.spawn(self._clear(project.results.findings.files()))

    async def _clear(self, files: Iterable[str]) -> None:
        """Show no diagnostics of these files any more."""
        nothing: dict[str, list[Diagnostic]] = {file: [] for file in files}
        for params in await asyncio.to_thread(publishable, nothing, self._client.converter()):
            self._client.server.text_document_publish_diagnostics(params)

    def open_file(self, file: str) -> None:
        """Show what is known of the file, whose project is worked on now."""
        self._with_file(file, self._file_opened)

    def save_file(self, file: str) -> None:
        """The file was saved: its project does what it is to do then."""
        self._with_file(file, self._file_saved)

    def close_file(self, file: str) -> None:
        """Forget the file; its project stays."""
        self.files.pop(to_fs_path(file) or "", None)

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
        path = to_fs_path(file) if file.startswith("file:") else None
        if not path:
            return None
        task = self._client.spawn(self._handle_file(path, handle))
        self._handled.add(task)
        task.add_done_callback(self._handled.discard)
        return task

    def _warn_of_folders(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._client.show(
                f"more than {FOLDERS_LIMIT} folders are open, which is the limit: the others are "
                "ignored. Open a folder that contains them instead.",
                types.MessageType.Warning,
            )

    async def _handle_file(self, path: str, handle: Callable[[str, LiveProject], None]) -> None:
        try:
            project = await self.project_of(path)
        except NoProjectError as error:
            log.debug("%s: %s", path, error)
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


def _attached(path: str, project: LiveProject) -> None:
    """A folder needs no more than to have its project watched."""
