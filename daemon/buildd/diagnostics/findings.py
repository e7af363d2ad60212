"""The diagnostics of one project: who owns which, and what of it shows. No I/O.

A diagnostic belongs to (project, owner, file); an owner is a task, or what stands for the
configuration or an environment. What a run under way has found lies over what its owner had: it
shows at once, file by file, and is taken back if the run does not finish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from buildd.errors import DefinitionError
from buildd.model import Diagnostic, Severity, Span

CONFIGURATION = "@configuration"
"""The owner of what is wrong with the configuration itself."""

UNTRUSTED = "untrusted"
"""The code of the diagnostic that says that a configuration is not trusted."""


def environment_owner(name: str) -> str:
    """The owner of what is wrong with an environment's definition."""
    return f"@environment/{name}"


def image_owner(name: str) -> str:
    """The owner of what is wrong with a run image."""
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


class Findings:
    """What every owner has found. `on_change` is told the files whose diagnostics changed."""

    def __init__(self, on_change: Callable[[set[str]], None]) -> None:
        self._on_change = on_change
        self._settled: dict[str, ByFile] = {}
        self._passing: dict[str, ByFile] = {}

    def settle(self, owner: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Replace exactly what `owner` had, and end what lay over it."""
        before = self._shown(owner)
        self._passing.pop(owner, None)
        if after := _by_file(diagnostics):
            self._settled[owner] = after
        else:
            self._settled.pop(owner, None)
        self._tell(before, after)

    def show(self, owner: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Lay what a run under way has found so far over what `owner` has."""
        before = self._shown(owner)
        self._passing[owner] = _by_file(diagnostics)
        self._tell(before, self._shown(owner))

    def take_back(self, owner: str) -> None:
        """The run did not finish: what its owner had before shows again."""
        before = self._shown(owner)
        self._passing.pop(owner, None)
        self._tell(before, self._shown(owner))

    def retain(self, owners: Iterable[str]) -> None:
        """Drop what belongs to owners that are no more."""
        for owner in (self._settled.keys() | self._passing.keys()) - set(owners):
            self.settle(owner, ())

    def forget(self, files: Iterable[str]) -> None:
        """Drop what tasks have found in these files, which are gone."""
        gone = set(files)
        for of in (self._settled, self._passing):
            for owner in filter(_is_task, of):
                of[owner] = {file: group for file, group in of[owner].items() if file not in gone}
        self._on_change(gone)

    def owners(self) -> set[str]:
        return self._settled.keys() | self._passing.keys()

    def of_file(self, file: str) -> list[Diagnostic]:
        """What shows in a file; what two owners both say is said once."""
        found: dict[Diagnostic, None] = {}
        for owner in sorted(self.owners()):
            found.update(dict.fromkeys(self._shown(owner).get(file, ())))
        return list(found)

    def owners_of(self, file: str) -> set[str]:
        """Who has something in a file."""
        return {owner for owner in self.owners() if self._shown(owner).get(file)}

    def of_owner(self, owner: str) -> list[Diagnostic]:
        return [one for group in self._shown(owner).values() for one in group]

    def settled_of(self, owner: str) -> list[Diagnostic]:
        """What the owner's last finished run found."""
        return [one for group in self._settled.get(owner, {}).values() for one in group]

    def files(self) -> set[str]:
        """Every file in which something shows."""
        return {file for owner in self.owners() for file in self._shown(owner)}

    def of_tasks(self) -> dict[str, bool]:
        """Every file in which a task has found something, and whether its text is known that was
        built: then it was there."""
        found: dict[str, bool] = {}
        for owner in filter(_is_task, self.owners()):
            for file, group in self._shown(owner).items():
                found[file] = found.get(file, False) or any(one.span.built for one in group)
        return found

    def all(self) -> list[Diagnostic]:
        """What shows, by file."""
        return [one for file in sorted(self.files()) for one in self.of_file(file)]

    def _shown(self, owner: str) -> ByFile:
        settled = self._settled.get(owner, {})
        passing = self._passing.get(owner)
        return {**settled, **passing} if passing else settled

    def _tell(self, before: ByFile, after: ByFile) -> None:
        files = before.keys() | after.keys()
        changed = {file for file in files if before.get(file) != after.get(file)}
        if changed:
            self._on_change(changed)


def _is_task(owner: str) -> bool:
    return not owner.startswith("@")


def _by_file(diagnostics: Iterable[Diagnostic]) -> ByFile:
    groups: dict[str, list[Diagnostic]] = {}
    for one in diagnostics:
        groups.setdefault(one.span.file, []).append(one)
    return {file: tuple(group) for file, group in groups.items()}
