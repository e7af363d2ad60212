"""A project's configuration as it is now: read again when its files change, with its trust."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Awaitable, Callable

from buildd.config import load, user_config
from buildd.config.trust import consent
from buildd.diagnostics.findings import UNTRUSTED
from buildd.errors import ConfigError, NoProjectError, UnsteadyError
from buildd.model import ColumnUnit, Diagnostic, Project, Severity, Span

Changed = Callable[[], Awaitable[None]]

READINGS = 5
"""At most, one after the other, where files change while they are read."""

UNSURE = 20_000_000
"""Nanoseconds: a file written so short a time ago may be written again without another time."""


class CurrentConfiguration:
    """The configuration of the project at `path`. `on_change` is awaited after each reading that
    found something new; when it returns, the new configuration is in force."""

    def __init__(self, path: str, on_change: Changed) -> None:
        self.path = path
        self.project: Project | None = None
        """As last read without an error; kept while the files are broken."""
        self.errors: list[ConfigError] = []
        self.trusted = False
        self._on_change = on_change
        self._lent: dict[object, str] = {}
        self._signature: object = None
        self._is_settled = False
        self._own: list[str] = []
        """Where links to the user's own file lead, as last read: they lead to another file then."""
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read again if any of the files, or the record of trust, has changed. Looks at each
        file's times and size only, so that it may be called before every run.

        What is built and run is compared with what was read in any case (`Project.contents`)."""
        async with self._reading:
            is_new = False
            # Looked at before it is read: what was written meanwhile may have been read in part.
            # And which files there are is known only afterwards.
            for attempt in range(READINGS):
                signature, is_settled = await asyncio.to_thread(self._sign)
                is_same = signature == self._signature
                if is_same and (self._is_settled or attempt):
                    break
                before = (self.project, list(map(str, self.errors)), self.trusted)
                project, self.errors = await asyncio.to_thread(load.check, self.path)
                self._own = await asyncio.to_thread(user_config.paths)
                if project is not None:
                    self.project = project
                    self.trusted = await asyncio.to_thread(self._is_trusted, project)
                is_steady = not any(isinstance(error, UnsteadyError) for error in self.errors)
                self._signature, self._is_settled = signature, is_settled and is_steady
                after = (self.project, list(map(str, self.errors)), self.trusted)
                is_new |= not is_same or before != after
            if is_new:
                await self._on_change()

    def lend(self, holder: object, digest: str) -> None:
        """Trust the configuration of this digest until the holder takes it back."""
        self._lent[holder] = digest

    def take_back(self, holder: object) -> None:
        """What this holder has lent counts no more, from the next `refresh` on."""
        self._lent.pop(holder, None)

    def valid(self) -> Project:
        """As last read. Raises ConfigError or NoProjectError."""
        if self.errors:
            raise self.errors[0]
        if self.project is None:
            raise NoProjectError(f"the project {self.path} has not been read")
        return self.project

    async def usable(self) -> Project:
        """As it is now, and trusted. Raises ConfigError, NoProjectError or UntrustedError."""
        await self.refresh()
        project = self.valid()
        if not self.trusted:
            raise consent.untrusted(project)
        return project

    def files(self) -> tuple[str, ...]:
        """The files whose change asks for `refresh`."""
        known = self.project.files if self.project else ()
        named = (path for error in self.errors for path in (error.file, error.missing) if path)
        return tuple({*known, *named, *load.candidates(self.path)})

    def remarks(self) -> list[Diagnostic]:
        """What is to be said of it, in its file: errors, else that nobody trusts it."""
        project = self.project
        if self.errors or project is None:
            return [_error_diagnostic(error) for error in self.errors]
        if self.trusted:
            return list(project.remarks)
        return [_untrusted_diagnostic(project), *project.remarks]

    def _is_trusted(self, project: Project) -> bool:
        lent = set(self._lent.values())
        return consent.is_trusted(project) or bool(lent and consent.digest(project) in lent)

    def _sign(self) -> tuple[object, bool]:
        """What is another as soon as something is to be read again, and whether that is sure: of
        what was written a moment ago it is not."""
        self._own = self._own or user_config.paths()
        states: dict[str, object] = {}
        now = time.time_ns()
        is_settled = True
        for path in (*self.files(), consent.record_path(), *self._own):
            try:
                found = os.stat(path)
            except OSError as error:
                states[path] = error.errno
            else:
                states[path] = _identity(found)
                is_settled &= abs(now - found.st_ctime_ns) > UNSURE
        # What appears may take the place of what stood in for it.
        return (sorted(self._lent.values()), states, load.standing(self.path)), is_settled


def _identity(found: os.stat_result) -> tuple[int, ...]:
    """Tells one state of a file from the others, by the time of its last change: that cannot be set
    as the others can."""
    whose = (found.st_dev, found.st_ino, found.st_mode, found.st_uid)
    if stat.S_ISDIR(found.st_mode):
        return whose
    return (*whose, found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def _untrusted_diagnostic(project: Project) -> Diagnostic:
    what = "not trusted in its present form, so nothing of this is done; `buildd trust` asks for it"
    return Diagnostic(
        span=Span(file=project.config_file, line=1),
        severity=Severity.WARNING,
        message="\n".join((f"{what}:", *consent.summary(project))),
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
