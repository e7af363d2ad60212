"""The environments of one project: made as it is configured, and renewed when that changes."""

from __future__ import annotations

import asyncio

from buildd.config.current import CurrentConfiguration
from buildd.config.lookup import no_environment
from buildd.diagnostics.findings import Findings, definition_diagnostic, environment_owner
from buildd.environments.environment import LiveEnvironment
from buildd.environments.idle import IdlePolicy
from buildd.environments.owner import EnvironmentOwner
from buildd.errors import BuilddError, DefinitionError
from buildd.model import Diagnostic, OnChange
from buildd.runs.observer import Observer, Observers


class ProjectEnvironments(Observer, EnvironmentOwner):
    """Has the environments of a project, by name, and tells its `events` what happens to them."""

    def __init__(
        self,
        configuration: CurrentConfiguration,
        findings: Findings,
        idle_policy: IdlePolicy,
        events: Observers,
    ) -> None:
        self._configuration = configuration
        self._findings = findings
        self._idle_policy = idle_policy
        self._events = events
        self._environments: dict[str, LiveEnvironment] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        events.add(self)

    def all(self) -> list[LiveEnvironment]:
        """Return all of them."""
        return list(self._environments.values())

    def named(self, name: str = "") -> LiveEnvironment:
        """Return the environment of that name, or the default one. Raises UnknownNameError."""
        project = self._configuration.valid()
        name = name or project.default_environment
        if name in self._environments:
            return self._environments[name]
        raise no_environment(project, name)

    def cancel(self) -> list[str]:
        """End the making of images and containers, for all who wait for it.

        Return the names of the environments that were being made.
        """
        return [name for name, environment in self._environments.items() if environment.cancel()]

    async def forget(self) -> None:
        """Let go of what they have in the engines, which is about to be removed."""
        for environment in self.all():
            await environment.forget()

    async def close(self) -> None:
        """Let go of them. Their containers stay, to be adopted."""
        for environment in self.all():
            await environment.close()

    # --- as an observer of the configuration

    def configuration_changed(self) -> None:
        """Make, change and close environments as the configuration says now."""
        project = self._configuration.project
        if project is None or self._configuration.errors:
            return
        for name in self._environments.keys() - project.environments.keys():
            self._keep(asyncio.create_task(self._environments.pop(name).close_when_idle()))
        for name, specification in project.environments.items():
            if name in self._environments:
                self._environments[name].specify(project, specification)
            else:
                self._environments[name] = LiveEnvironment(
                    project, specification, self._idle_policy, self
                )

    # --- as the owner of the environments

    async def consent(self) -> None:
        """Raise UntrustedError or ConfigError unless the configuration may be used."""
        await self._configuration.usable()

    def status_changed(self) -> None:
        """Publish that the status of an environment has changed."""
        self._events.environment_changed()

    def definition_used(self, name: str, error: DefinitionError | None) -> None:
        """Show the error in an environment's definition, if there is one."""
        self._show(name, error)

    def definition_changed(self, environment: LiveEnvironment) -> None:
        """Have the environment renewed, or ask for it."""
        self._keep(asyncio.create_task(self._renew_or_ask(environment)))

    def renewed(self, environment: LiveEnvironment, error: BuilddError | None) -> None:
        """Show how the renewal ended, and publish it."""
        self._show(environment.specification.name, error)
        self._events.environment_renewed(environment, error)
        if error:
            self._events.error_occurred(error)

    async def _renew_or_ask(self, environment: LiveEnvironment) -> None:
        """Have what is defined now built, or ask for it, unless the user is asked for trust."""
        await self._configuration.refresh()
        self._events.environment_changed()
        definition, configuration = environment.definition, self._configuration
        if not definition.changed or configuration.errors or not configuration.trusted:
            return
        asks = environment.specification.on_change is OnChange.ASK and not definition.is_trusted
        if not asks:
            environment.renewal.start()
        self._events.environment_outdated(environment, asks=asks)

    def _show(self, name: str, error: BuilddError | None) -> None:
        """Show the error in the environment's definition as a diagnostic; without one, none."""
        shown: list[Diagnostic] = []
        if isinstance(error, DefinitionError) and error.file:
            shown.append(definition_diagnostic(error))
        self._findings.replace(environment_owner(name), shown)

    def _keep(self, task: asyncio.Task[None]) -> None:
        # The event loop itself holds a task only weakly.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
