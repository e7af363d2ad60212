"""Diagnostics and tests, as clients of the custom methods see them."""

from __future__ import annotations

from buildd.model import Frozen, Severity, Tag, TestState


class WireRelated(Frozen, frozen=True):
    """A place and a note, as in WireDiagnostic."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


class WireEdit(Frozen, frozen=True):
    """`text` in place of what stands there, places as in WireDiagnostic; both ends the same where
    nothing is replaced."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class WireFix(Frozen, frozen=True):
    """What the tool offers to mend it. `preferred` where it may be done unseen."""

    title: str
    edits: tuple[WireEdit, ...]
    preferred: bool = False


class WireDiagnostic(Frozen, frozen=True, omit_defaults=False):
    """`file` is absolute on the host; lines and columns are 1-based, columns count characters
    (Unicode code points); `end_column` is exclusive. `href` documents the code; `rendered` is
    what the tool itself printed, where that says more than the message."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity
    code: str
    message: str
    source: str
    href: str = ""
    tags: tuple[Tag, ...] = ()
    related: tuple[WireRelated, ...] = ()
    fixes: tuple[WireFix, ...] = ()
    rendered: str = ""


class WireDeclaration(Frozen, frozen=True):
    """Where a test is written. `line` is absent where only the file is known."""

    file: str
    line: int = 0


class WireTest(Frozen, frozen=True):
    """How a test ended. `path` is its place in the tree of tests: package or file, suites, its own
    name. `duration` is in seconds, absent where the tool does not tell; `file`, `line` and
    `column` are where it failed, else where it is written, each absent where nobody told;
    `declared` is where it is written, whether it failed or not, absent where nobody knows."""

    path: tuple[str, ...]
    state: TestState
    source: str
    duration: float | None = None
    message: str = ""
    output: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    declared: WireDeclaration | None = None


class DiagnosticsParams(Frozen, frozen=True):
    """`task` empty means every owner."""

    project: str
    task: str = ""


class DiagnosticsResult(Frozen, frozen=True):
    diagnostics: tuple[WireDiagnostic, ...]


class TestsParams(Frozen, frozen=True):
    """`task` empty means every task. With `run`, only what this run has told, which may still be
    under way."""

    __test__ = False

    project: str
    task: str = ""
    run: str = ""


class TaskTests(Frozen, frozen=True):
    """The tests of one task, as each ended last."""

    task: str
    tests: tuple[WireTest, ...]


class TestsResult(Frozen, frozen=True):
    """What is known of tests; tasks that told of none are left out."""

    __test__ = False

    tasks: tuple[TaskTests, ...]
