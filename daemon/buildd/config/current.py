"""This module keeps a project's configuration and its trust up to date with its files."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Awaitable, Callable, Sequence

from buildd.config import load, user_config
from buildd.config.trust import consent, contents
from buildd.diagnostics.findings import UNTRUSTED
from buildd.errors import ConfigError, NoProjectError, UnsteadyError
from buildd.model import ColumnUnit, Diagnostic, Project, Severity, Span

Changed = Callable[[], Awaitable[None]]
"""Called after the configuration has changed."""

READ_LIMIT = 5
"""How often the files are read again if they change while they are read."""

UNSURE = 20_000_000
"""Nanoseconds: a file written so short a time ago may be written again without another time."""


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
        self._is_settled = False
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the configuration again if one of its files or the record of trust has changed.

        Looks at each file's times and size only, so this can be called before every run. What is
        built and run is compared with what was read in any case (`Project.contents`).
        """
        async with self._reading:
            is_new = False
            # The signature is taken before the files are read: a file that is being written may be
            # read in part, and other files may belong to the configuration afterwards.
            for attempt in range(READ_LIMIT):
                signature, is_settled = await asyncio.to_thread(self._sign)
                is_same = signature == self._signature
                if is_same and (self._is_settled or attempt):
                    break
                before = (self.project, list(map(str, self.errors)), self.trusted)
                project, self.errors = await asyncio.to_thread(load.check, self.path)
                if project is not None:
                    self.project = project
                    self.trusted = await asyncio.to_thread(self._is_trusted, project)
                is_steady = _is_steady(project, self.errors)
                self._signature, self._is_settled = signature, is_settled and is_steady
                after = (self.project, list(map(str, self.errors)), self.trusted)
                is_new |= not is_same or before != after
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

    def _sign(self) -> tuple[object, bool]:
        """Return what changes when something must be read again, and whether that is certain.

        It is not certain for a file that was written a moment ago.
        """
        signature: list[object] = [*self._temporary.values()]
        now = time.time_ns()
        is_settled = True
        for path in (*self.files(), consent.record_path(), *user_config.paths()):
            try:
                status = os.stat(path)
            except OSError as error:
                signature.append((path, error.errno))
            else:
                signature.append((path, *_identity(status)))
                is_settled &= abs(now - status.st_ctime_ns) > UNSURE
        # A new file may replace the one that is read now.
        signature.append(load.configuration_files(self.path))
        return sorted(signature, key=repr), is_settled


def _is_steady(project: Project | None, errors: Sequence[ConfigError]) -> bool:
    """Return whether the next reading of the same files would say the same.

    It may not if a file was exchanged meanwhile, or could not be read.
    """
    digests = project.contents.values() if project else ()
    return not any(isinstance(error, UnsteadyError) for error in errors) and not any(
        digest.startswith(contents.UNREADABLE) for digest in digests
    )


def _identity(found: os.stat_result) -> tuple[int, ...]:
    """Return what distinguishes the states of a file.

    The time of the last change is part of it, which nobody can set, unlike the other times.
    """
    whose = (found.st_dev, found.st_ino, found.st_mode, found.st_uid)
    if stat.S_ISDIR(found.st_mode):
        return whose
    return (*whose, found.st_mtime_ns, found.st_ctime_ns, found.st_size)


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
