"""What one client is shown of one project: it observes the project, and shows what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from buildd.environments.environment import LiveEnvironment
from buildd.errors import BuilddError, ConfigError, UntrustedError
from buildd.lsp.consent import ask_for_trust, say_untrusted
from buildd.lsp.lens import refresh_lenses
from buildd.lsp.outdated import ask_to_rebuild, say_rebuilding, say_renewed
from buildd.lsp.progress import show_progress
from buildd.model import RunState
from buildd.projects.project import LiveProject
from buildd.runs.observer import Observer
from buildd.runs.run import LiveRun

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient


class ProjectView(Observer):
    """Shows the client what happens in the project."""

    def __init__(self, client: LspClient, project: LiveProject) -> None:
        self._client = client
        self._project = project

    async def ask_for_trust_if_missing(self) -> None:
        """Ask for consent to the project's configuration, if that is all it lacks."""
        configuration = self._project.configuration
        if configuration.project and not configuration.errors and not configuration.trusted:
            await ask_for_trust(self._client, self._project)

    def run_created(self, run: LiveRun) -> None:
        """Show the progress of a task's run."""
        if run.record.task and self._client.is_initialized:
            self._client.spawn(show_progress(self._client, run))

    def run_ended(self, run: LiveRun) -> None:
        """Refresh the code lenses of tests; show that a run failed without a diagnostic."""
        record = run.record
        if not record.task:
            return  # who started an ad-hoc command sees how it ends
        if run.tests and self._client.is_initialized:
            refresh_lenses(self._client)
        if record.state is RunState.FINISHED and record.exit_status and not run.diagnostics:
            self._client.show(
                f"{record.task} failed with exit status {record.exit_status}, and its output "
                f"names no place. See `buildd logs {record.id}`",
                types.MessageType.Warning,
            )

    def diagnostics_changed(self, files: set[str]) -> None:
        """Send the diagnostics of these files."""
        self._client.publisher.mark(self._project, files)

    def environment_changed(self) -> None:
        """Update the progress of renewals."""
        for _, has_changed in self._client.renewals.values():
            has_changed.set()

    def environment_outdated(self, environment: LiveEnvironment, *, asks: bool) -> None:
        """Ask whether to rebuild, or show that buildd does."""
        if self._client.is_initialized and asks:
            self._client.spawn(ask_to_rebuild(self._client, self._project, environment))
        elif self._client.is_initialized:
            say_rebuilding(self._client, environment)

    def environment_renewed(self, environment: LiveEnvironment, error: BuilddError | None) -> None:
        """Show that the new container serves."""
        if self._client.is_initialized and not error:
            say_renewed(self._client, environment)

    def configuration_changed(self) -> None:
        """Ask for consent to what is new."""
        if self._client.is_initialized:
            self._client.spawn(self.ask_for_trust_if_missing())

    def error_occurred(self, error: BuilddError) -> None:
        """Show the error, or ask for consent if that is what is missing."""
        if isinstance(error, UntrustedError) and self._client.asks:
            self._client.spawn(ask_for_trust(self._client, self._project))
        elif isinstance(error, UntrustedError):
            say_untrusted(self._client, self._project)
        elif isinstance(error, ConfigError):
            pass  # it shows as a diagnostic, at its place
        else:
            self._client.show(str(error), types.MessageType.Error)
