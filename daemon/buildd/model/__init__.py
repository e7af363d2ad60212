"""This folder defines the daemon's data types: Project, Environment, Task, Run, Diagnostic.

Every path is absolute and on the host unless its docstring says otherwise. Every line and column
is 1-based; a column carries the unit in which its tool counted it. Nothing here does I/O.
"""

from __future__ import annotations

from buildd.model.base import Command, Frozen
from buildd.model.checks import Check
from buildd.model.diagnostics import (
    ColumnUnit,
    Diagnostic,
    Edit,
    Fix,
    Related,
    Severity,
    Span,
    Tag,
)
from buildd.model.environments import (
    Cache,
    EngineName,
    Environment,
    Hook,
    Limits,
    Mount,
    OnChange,
    Pull,
    Steps,
)
from buildd.model.projects import Grant, OnNewer, Project, RunImage, Task
from buildd.model.resources import Resource, ResourceKind
from buildd.model.runs import Run, RunState, Trigger
from buildd.model.tests import Declaration, TestResult, TestState

__all__ = [
    "Cache",
    "Check",
    "ColumnUnit",
    "Command",
    "Declaration",
    "Diagnostic",
    "Edit",
    "EngineName",
    "Environment",
    "Fix",
    "Frozen",
    "Grant",
    "Hook",
    "Limits",
    "Mount",
    "OnChange",
    "OnNewer",
    "Project",
    "Pull",
    "Related",
    "Resource",
    "ResourceKind",
    "Run",
    "RunImage",
    "RunState",
    "Severity",
    "Span",
    "Steps",
    "Tag",
    "Task",
    "TestResult",
    "TestState",
    "Trigger",
]
