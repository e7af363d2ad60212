"""The diagnostics of one project: which owner has which, and which of them show. No I/O.

A diagnostic belongs to (project, owner, file). An owner is a task, or stands for the configuration,
an environment or a run image. What a run under way has found shows at once, file by file, instead
of what its owner had; if the run does not finish, the former diagnostics show again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from buildd.errors import DefinitionError
from buildd.model import Diagnostic, Severity, Span

CONFIGURATION = "@configuration"
"""The owner of the diagnostics of the configuration itself."""

UNTRUSTED = "untrusted"
"""The code of the diagnostic that says that a configuration is not trusted."""


def environment_owner(name: str) -> str:
    """Return the owner of the diagnostics of an environment's definition."""
    return f"@environment/{name}"


def image_owner(name: str) -> str:
    """Return the owner of the diagnostics of a run image."""
    return f"@image/{name}"


def definition_diagnostic(error: DefinitionError) -> Diagnostic:
    """Return the error as a diagnostic at its place, with the end of what was printed."""
    tail = "\n".join(error.output.strip().splitlines()[-8:])
    return Diagnostic(
        span=Span(file=error.file, line=max(error.line, 1)),
        severity=Severity.ERROR,
        message="\n".join(filter(None, (str(error), tail))),
        source="buildd",
    )


ByFile = dict[str, tuple[Diagnostic, ...]]
"""Diagnostics by the path of their file."""


class Findings:
    """Holds the diagnostics of every owner.

    `on_change` is called with the files whose diagnostics changed.
    """

    def __init__(self, on_change: Callable[[set[str]], None]) -> None:
        self._on_change = on_change
        self._finished: dict[str, ByFile] = {}
        self._provisional: dict[str, ByFile] = {}
        """What runs under way have found so far."""

    def replace(self, owner: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Replace exactly what `owner` had, also what its run under way had found so far."""
        before = self._shown(owner)
        self._provisional.pop(owner, None)
        if after := _by_file(diagnostics):
            self._finished[owner] = after
        else:
            self._finished.pop(owner, None)
        self._report(before, after)

    def show(self, owner: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Show what the owner's run under way has found so far, in the files that it names."""
        before = self._shown(owner)
        self._provisional[owner] = _by_file(diagnostics)
        self._report(before, self._shown(owner))

    def revert(self, owner: str) -> None:
        """Show again what the owner had before its run, which did not finish."""
        before = self._shown(owner)
        self._provisional.pop(owner, None)
        self._report(before, self._shown(owner))

    def retain(self, owners: Iterable[str]) -> None:
        """Drop what belongs to other owners than these."""
        for owner in (self._finished.keys() | self._provisional.keys()) - set(owners):
            self.replace(owner, ())

    def forget(self, files: Iterable[str]) -> None:
        """Drop what tasks have found in these files, which were deleted."""
        deleted = set(files)
        for found in (self._finished, self._provisional):
            for owner in filter(_is_task, found):
                found[owner] = {
                    file: group for file, group in found[owner].items() if file not in deleted
                }
        self._on_change(deleted)

    def owners(self) -> set[str]:
        """Return every owner that has diagnostics."""
        return self._finished.keys() | self._provisional.keys()

    def of_file(self, file: str) -> list[Diagnostic]:
        """Return what shows in a file; a diagnostic that two owners have is there once."""
        found: dict[Diagnostic, None] = {}
        for owner in sorted(self.owners()):
            found.update(dict.fromkeys(self._shown(owner).get(file, ())))
        return list(found)

    def owners_of(self, file: str) -> set[str]:
        """Return the owners of what shows in a file."""
        return {owner for owner in self.owners() if self._shown(owner).get(file)}

    def of_owner(self, owner: str) -> list[Diagnostic]:
        """Return what shows of an owner."""
        return [diagnostic for group in self._shown(owner).values() for diagnostic in group]

    def finished_of(self, owner: str) -> list[Diagnostic]:
        """Return what the owner's last finished run found."""
        groups = self._finished.get(owner, {}).values()
        return [diagnostic for group in groups for diagnostic in group]

    def files(self) -> set[str]:
        """Return every file in which something shows."""
        return {file for owner in self.owners() for file in self._shown(owner)}

    def of_tasks(self) -> dict[str, bool]:
        """Return every file in which a task has found something.

        The value says whether the text is known that was built, which means that the file existed.
        """
        found: dict[str, bool] = {}
        for owner in filter(_is_task, self.owners()):
            for file, group in self._shown(owner).items():
                was_read = any(diagnostic.span.built for diagnostic in group)
                found[file] = found.get(file, False) or was_read
        return found

    def all(self) -> list[Diagnostic]:
        """Return what shows, file by file."""
        return [diagnostic for file in sorted(self.files()) for diagnostic in self.of_file(file)]

    def _shown(self, owner: str) -> ByFile:
        finished = self._finished.get(owner, {})
        provisional = self._provisional.get(owner)
        return {**finished, **provisional} if provisional else finished

    def _report(self, before: ByFile, after: ByFile) -> None:
        files = before.keys() | after.keys()
        changed = {file for file in files if before.get(file) != after.get(file)}
        if changed:
            self._on_change(changed)


def _is_task(owner: str) -> bool:
    return not owner.startswith("@")


def _by_file(diagnostics: Iterable[Diagnostic]) -> ByFile:
    groups: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        groups.setdefault(diagnostic.span.file, []).append(diagnostic)
    return {file: tuple(group) for file, group in groups.items()}
