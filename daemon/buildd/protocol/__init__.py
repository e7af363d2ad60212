"""Every custom method of the wire and its types; `protocol.md` describes them in prose.

Messages are JSON-RPC 2.0 in LSP framing. Names on the wire are camelCase. Bytes are base64.
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
"""What the daemon sends while a request of the same session is under way."""

COMMANDS: dict[str, str] = {
    "buildd.build": "Run the task `build` (or the one named by the first argument).",
    "buildd.test": "Run the task `test`.",
    "buildd.run": "Run the task named by the first argument.",
    "buildd.runTest": "Run one test of a task: a code lens'.",
    "buildd.image": "Build the run image named by the first argument, after the tasks it needs.",
    "buildd.status": "Show how the project is.",
    "buildd.showLog": "Open the output of the newest run.",
    "buildd.cancel": "Cancel the project's runs, and the making of its environments.",
    "buildd.restartEnvironment": "Remove the container and make it anew.",
    "buildd.trust": "Show what the project would run, and ask for consent.",
    "buildd.explain": "Show what the tool itself says of a diagnostic's code.",
    "buildd.openDocumentation": "Open an address in the user's browser: a diagnostic's.",
}
"""`workspace/executeCommand`: a thin cover for clients that know no custom methods. Arguments:
the task's name where one is asked for, then optionally a directory or file of the project."""
