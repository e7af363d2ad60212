"""This module keeps a project's configuration and its trust up to date with its files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from buildd.config import load, user_config
from buildd.config.trust import consent
from buildd.diagnostics.findings import UNTRUSTED
from buildd.errors import ConfigError, NoProjectError
from buildd.model import ColumnUnit, Diagnostic, Project, Severity, Span

Changed = Callable[[], Awaitable[None]]
"""Called after the configuration has changed."""

READ_LIMIT = 5
"""How often the files are read again if they change while they are read."""


class CurrentConfiguration:
    """The configuration of the project at `path`.

    `on_change` is awaited after each reading that found a change; the new configuration is in force
    when it returns.
    """

    def __init__(self, path: str, on_change: Changed) -> None:
        self.path = path
        self.project: Project | None = None
        """The last configuration without errors; it is kept while the files have errors."""
        self.errors: list[ConfigError] = []
        self.trusted = False
        self._on_change = on_change
        self._temporary: dict[object, str] = {}
        """The digests that are trusted while their holder lives."""
        self._signature: object = None
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the configuration again if one of its files or the record of trust has changed.

        Unchanged files are not read, so this can be called before every run.
        """
        async with self._reading:
            is_new = False
            # The signature is taken before the files are read: a file that is being written may be
            # read in part, and other files may belong to the configuration afterwards.
            for _ in range(READ_LIMIT):
                signature = await asyncio.to_thread(self._sign)
                if signature == self._signature:
                    break
                project, self.errors = await asyncio.to_thread(load.check, self.path)
                if project is not None:
                    self.project = project
                    self.trusted = await asyncio.to_thread(self._is_trusted, project)
                self._signature = signature
                is_new = True
            if is_new:
                await self._on_change()

    def trust_temporarily(self, holder: object, digest: str) -> None:
        """Trust the configuration with this digest until `end_temporary_trust`."""
        self._temporary[holder] = digest

    def end_temporary_trust(self, holder: object) -> None:
        """End the temporary trust of this holder, from the next `refresh` on."""
        self._temporary.pop(holder, None)

    def valid(self) -> Project:
        """Return the configuration as it was last read. Raises ConfigError or NoProjectError."""
        if self.errors:
            raise self.errors[0]
        if self.project is None:
            raise NoProjectError(f"the project {self.path} has not been read")
        return self.project

    async def usable(self) -> Project:
        """Return the current configuration if it is trusted.

        Raises ConfigError, NoProjectError or UntrustedError.
        """
        await self.refresh()
        project = self.valid()
        if not self.trusted:
            raise consent.untrusted(project)
        return project

    def files(self) -> tuple[str, ...]:
        """Return the files after whose change `refresh` must be called."""
        read = self.project.files if self.project else ()
        named = (path for error in self.errors for path in (error.file, error.missing) if path)
        return tuple({*read, *named, *load.possible_files(self.path)})

    def remarks(self) -> list[Diagnostic]:
        """Return the diagnostics of the configuration: errors, missing trust, remarks."""
        project = self.project
        if self.errors or project is None:
            return [_error_diagnostic(error) for error in self.errors]
        if self.trusted:
            return list(project.remarks)
        return [_untrusted_diagnostic(project), *project.remarks]

    def _is_trusted(self, project: Project) -> bool:
        digests = set(self._temporary.values())
        return consent.is_trusted(project) or bool(digests and consent.digest(project) in digests)

    def _sign(self) -> object:
        signature: list[object] = [*self._temporary.values()]
        for path in (*self.files(), consent.record_path(), user_config.path()):
            try:
                status = os.stat(path)
            except OSError as error:
                signature.append((path, error.errno))
            else:
                signature.append((path, status.st_ino, status.st_mtime_ns, status.st_size))
        # A new file may replace the one that is read now.
        signature.append(load.configuration_files(self.path))
        return sorted(signature, key=repr)


def _untrusted_diagnostic(project: Project) -> Diagnostic:
    heading = (
        "not trusted in its present form, so buildd does nothing of the following; `buildd trust` "
        "asks for your consent"
    )
    return Diagnostic(
        span=Span(file=project.config_file, line=1),
        severity=Severity.WARNING,
        message="\n".join((f"{heading}:", *consent.summary(project))),
        source="buildd",
        code=UNTRUSTED,
    )


def _error_diagnostic(error: ConfigError) -> Diagnostic:
    return Diagnostic(
        span=Span(
            file=error.file, line=error.line, column=error.column, unit=ColumnUnit.CODE_POINT
        ),
        severity=Severity.ERROR,
        message=f"{error.message}. {error.remedy}".strip(),
        source="buildd",
        code=error.key,
    )
