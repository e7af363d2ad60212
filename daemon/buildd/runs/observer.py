"""Who is told what happens to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildd.model import Diagnostic

if TYPE_CHECKING:
    from buildd.runs.run import LiveRun


class RunObserver:
    """Told of what happens to a run; the base does nothing."""

    def changed(self, run: LiveRun) -> None:
        """Its record is another."""

    def progress(self, run: LiveRun, message: str, percentage: int | None) -> None:
        """Its environment is being prepared."""

    def advanced(self, run: LiveRun, percentage: int) -> None:
        """Its command is so far, as its tool says or as the last run lets one expect."""

    def found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        """What it has found so far, in the host's paths; its `tests` may be more, too."""

    def ended(self, run: LiveRun) -> None:
        """It has ended, in whatever way. Last of all."""
