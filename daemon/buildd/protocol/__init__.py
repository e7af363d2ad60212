"""This folder declares every custom method of the protocol and its types.

Messages are JSON-RPC 2.0 in LSP's framing. Names on the wire are camelCase, and bytes are base64.
`protocol.md` describes all of it for people who write clients.
"""

from __future__ import annotations

import msgspec

from buildd.model import Run
from buildd.protocol.base import Envelope, Method, Nothing, ProjectParams
from buildd.protocol.diagnostics import (
    DiagnosticsParams,
    DiagnosticsResult,
    TaskTests,
    TestsParams,
    TestsResult,
    WireDeclaration,
    WireDiagnostic,
    WireEdit,
    WireFix,
    WireRelated,
    WireTest,
)
from buildd.protocol.environments import (
    DownResult,
    EnvironmentParams,
    EnvironmentStatus,
    ResizeParams,
    TerminalResult,
    UpParams,
)
from buildd.protocol.handshake import PROTOCOL_VERSION, Hello, HelloResult, StopParams
from buildd.protocol.resources import (
    BelongingsParams,
    BelongingsResult,
    CleanParams,
    CleanResult,
    Scope,
)
from buildd.protocol.runs import (
    CancelParams,
    CancelResult,
    ExecParams,
    HistoryEntry,
    HistoryParams,
    HistoryResult,
    ImageParams,
    ImageResult,
    LogsParams,
    Output,
    Progress,
    Ready,
    RunParams,
    RunResult,
    WatchParams,
)
from buildd.protocol.status import (
    Changed,
    DebugResult,
    DoctorResult,
    EventsParams,
    ProjectStatus,
    SettingStatus,
    StatusParams,
    StatusResult,
    TaskStatus,
)
from buildd.protocol.trust import GrantParams, RevokeResult, TrustSummary

__all__ = [
    "COMMANDS",
    "METHODS",
    "NOTIFICATIONS",
    "PROTOCOL_VERSION",
    "BelongingsParams",
    "BelongingsResult",
    "CancelParams",
    "CancelResult",
    "Changed",
    "CleanParams",
    "CleanResult",
    "DebugResult",
    "DiagnosticsParams",
    "DiagnosticsResult",
    "DoctorResult",
    "DownResult",
    "Envelope",
    "EnvironmentParams",
    "EnvironmentStatus",
    "EventsParams",
    "ExecParams",
    "GrantParams",
    "Hello",
    "HelloResult",
    "HistoryEntry",
    "HistoryParams",
    "HistoryResult",
    "ImageParams",
    "ImageResult",
    "LogsParams",
    "Method",
    "Nothing",
    "Output",
    "Progress",
    "ProjectParams",
    "ProjectStatus",
    "Ready",
    "ResizeParams",
    "RevokeResult",
    "RunParams",
    "RunResult",
    "Scope",
    "SettingStatus",
    "StatusParams",
    "StatusResult",
    "StopParams",
    "TaskStatus",
    "TaskTests",
    "TerminalResult",
    "TestsParams",
    "TestsResult",
    "TrustSummary",
    "UpParams",
    "WatchParams",
    "WireDeclaration",
    "WireDiagnostic",
    "WireEdit",
    "WireFix",
    "WireRelated",
    "WireTest",
]

METHODS: dict[str, Method] = {
    "buildd/hello": Method(Hello, HelloResult),
    "buildd/status": Method(StatusParams, StatusResult),
    "buildd/up": Method(UpParams, EnvironmentStatus),
    "buildd/down": Method(EnvironmentParams, DownResult),
    "buildd/belongings": Method(BelongingsParams, BelongingsResult),
    "buildd/clean": Method(CleanParams, CleanResult),
    "buildd/run": Method(RunParams, RunResult),
    "buildd/image": Method(ImageParams, ImageResult),
    "buildd/watch": Method(WatchParams, Nothing),
    "buildd/events": Method(EventsParams, Nothing),
    "buildd/exec": Method(ExecParams, RunResult),
    "buildd/terminal": Method(EnvironmentParams, TerminalResult),
    "buildd/resize": Method(ResizeParams, Nothing),
    "buildd/cancel": Method(CancelParams, CancelResult),
    "buildd/diagnostics": Method(DiagnosticsParams, DiagnosticsResult),
    "buildd/tests": Method(TestsParams, TestsResult),
    "buildd/logs": Method(LogsParams, Nothing),
    "buildd/history": Method(HistoryParams, HistoryResult),
    "buildd/trust": Method(ProjectParams, TrustSummary),
    "buildd/grant": Method(GrantParams, TrustSummary),
    "buildd/revoke": Method(ProjectParams, RevokeResult),
    "buildd/doctor": Method(StatusParams, DoctorResult),
    "buildd/debug": Method(Nothing, DebugResult),
    "buildd/stop": Method(StopParams, Nothing),
}

NOTIFICATIONS: dict[str, type[msgspec.Struct]] = {
    "buildd/changed": Changed,
    "buildd/output": Output,
    "buildd/progress": Progress,
    "buildd/ready": Ready,
    "buildd/runStarted": Run,
    "buildd/runEnded": RunResult,
}
"""Notifications that the daemon sends while a request of the same session is under way."""

COMMANDS: dict[str, str] = {
    "buildd.build": "Run the task `build` (or the one named by the first argument).",
    "buildd.test": "Run the task `test`.",
    "buildd.run": "Run the task named by the first argument.",
    "buildd.runTest": "Run one test of a task, as its code lens does.",
    "buildd.image": "Build the run image named by the first argument, after the tasks it needs.",
    "buildd.status": "Show the project's status.",
    "buildd.showLog": "Open the output of the newest run.",
    "buildd.cancel": "Cancel the project's runs, and the builds of its environments.",
    "buildd.restartEnvironment": "Remove the container and create a new one.",
    "buildd.trust": "Show what the project would run, and ask for consent.",
    "buildd.explain": "Show the tool's own explanation of a diagnostic's code.",
    "buildd.openDocumentation": "Open the documentation of a diagnostic in the user's browser.",
}
"""Commands of `workspace/executeCommand`, for clients without custom methods.

The arguments are the name of a task or image if the command needs one, then optionally a
directory or file of the project."""
