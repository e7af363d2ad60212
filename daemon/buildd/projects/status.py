"""The status of a project, as `buildd status` shows it."""

from __future__ import annotations

from buildd.model import Severity, Task
from buildd.projects.project import LiveProject
from buildd.protocol import ProjectStatus, TaskStatus


def project_status(project: LiveProject) -> ProjectStatus:
    """Return what is known of the project, without asking an engine."""
    configuration = project.configuration
    read = configuration.project
    return ProjectStatus(
        path=project.path,
        trusted=configuration.trusted,
        error=str(configuration.errors[0]) if configuration.errors else "",
        environments=tuple(environment.status() for environment in project.environments.all()),
        tasks=tuple(_task_status(project, task) for task in (read.tasks.values() if read else ())),
        images=tuple(read.images if read else ()),
        sessions=len(project.observers),
    )


def _task_status(project: LiveProject, task: Task) -> TaskStatus:
    results = project.results
    severities = [found.severity for found in results.findings.of_owner(task.name)]
    return TaskStatus(
        name=task.name,
        command=task.command,
        environment=task.environment,
        on_save=bool(task.on_save),
        current=project.runs.current(task.name),
        last=results.last.get(task.name),
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        tested=results.tested.get(task.name, ""),
    )
