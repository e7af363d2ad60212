"""Who is told what happens in a project: its own parts, editors, requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from buildd.environments.environment import LiveEnvironment
from buildd.errors import BuilddError
from buildd.model import Diagnostic

if TYPE_CHECKING:
    from buildd.runs.run import LiveRun


class Observer:
    """Is told what happens in a project, or to one run.

    Every method here does nothing: an observer overrides those that it needs. One that observes a
    single run is told of that run only.
    """

    def run_created(self, run: LiveRun) -> None:
        """A task's run was queued, or an ad-hoc run is about to start."""

    def run_changed(self, run: LiveRun) -> None:
        """The record of the run has changed, for example its state."""

    def run_preparing(self, run: LiveRun) -> None:
        """The environment is being prepared: `preparing` and `percentage` say how far it is."""

    def run_advanced(self, run: LiveRun) -> None:
        """The command is further: `percentage` says how far."""

    def run_found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        """The run has found these so far, in the host's paths; `tests` may have changed too."""

    def run_ended(self, run: LiveRun) -> None:
        """The run has ended. Nothing more is told of it."""

    def diagnostics_changed(self, files: set[str]) -> None:
        """The diagnostics that show in these files have changed."""

    def environment_changed(self) -> None:
        """The status of an environment has changed."""

    def environment_outdated(self, environment: LiveEnvironment, *, asks: bool) -> None:
        """What the environment's image is made from has changed.

        The image is being built again; with `asks`, that waits until the user agrees.
        """

    def environment_renewed(self, environment: LiveEnvironment, error: BuilddError | None) -> None:
        """The environment's new container serves, or this error prevented it."""

    def configuration_changed(self) -> None:
        """The configuration was read again, or its trust has changed."""

    def error_occurred(self, error: BuilddError) -> None:
        """Something failed that the user must know about, and no request will answer with it."""


class Observers(Observer):
    """Tells several observers what it is told itself, in the order in which they were added."""

    def __init__(self) -> None:
        self._observers: dict[Observer, None] = {}

    def add(self, observer: Observer) -> None:
        """Tell this observer, too, from now on."""
        self._observers[observer] = None

    def remove(self, observer: Observer) -> None:
        """Tell this observer nothing more."""
        self._observers.pop(observer, None)

    def __len__(self) -> int:
        return len(self._observers)

    def __iter__(self) -> Iterator[Observer]:
        # A copy, because an observer may add or remove observers when it is told something.
        return iter(tuple(self._observers))

    def run_created(self, run: LiveRun) -> None:
        """Tell each observer."""
        for observer in self:
            observer.run_created(run)

    def run_changed(self, run: LiveRun) -> None:
        """Tell each observer."""
        for observer in self:
            observer.run_changed(run)

    def run_preparing(self, run: LiveRun) -> None:
        """Tell each observer."""
        for observer in self:
            observer.run_preparing(run)

    def run_advanced(self, run: LiveRun) -> None:
        """Tell each observer."""
        for observer in self:
            observer.run_advanced(run)

    def run_found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        """Tell each observer."""
        for observer in self:
            observer.run_found(run, diagnostics)

    def run_ended(self, run: LiveRun) -> None:
        """Tell each observer."""
        for observer in self:
            observer.run_ended(run)

    def diagnostics_changed(self, files: set[str]) -> None:
        """Tell each observer."""
        for observer in self:
            observer.diagnostics_changed(files)

    def environment_changed(self) -> None:
        """Tell each observer."""
        for observer in self:
            observer.environment_changed()

    def environment_outdated(self, environment: LiveEnvironment, *, asks: bool) -> None:
        """Tell each observer."""
        for observer in self:
            observer.environment_outdated(environment, asks=asks)

    def environment_renewed(self, environment: LiveEnvironment, error: BuilddError | None) -> None:
        """Tell each observer."""
        for observer in self:
            observer.environment_renewed(environment, error)

    def configuration_changed(self) -> None:
        """Tell each observer."""
        for observer in self:
            observer.configuration_changed()

    def error_occurred(self, error: BuilddError) -> None:
        """Tell each observer."""
        for observer in self:
            observer.error_occurred(error)
