"""This module defines diagnostics and tests as clients of the custom methods receive them."""

from __future__ import annotations

from buildd.model import Frozen, Severity, Tag, TestState


class WireRelated(Frozen, frozen=True):
    """A related note has its own place, counted as in WireDiagnostic."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


class WireEdit(Frozen, frozen=True):
    """An edit replaces the text of a place by `text`.

    Places are counted as in WireDiagnostic. If start and end are the same, nothing is replaced.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class WireFix(Frozen, frozen=True):
    """A fix is a set of edits that the tool suggests; `preferred` if it needs no look first."""

    title: str
    edits: tuple[WireEdit, ...]
    preferred: bool = False


class WireDiagnostic(Frozen, frozen=True, omit_defaults=False):
    """A diagnostic is one error, warning or note about a file.

    `file` is absolute on the host. Lines and columns are 1-based; columns count Unicode code
    points, and `end_column` is exclusive. `href` is the address of the code's documentation;
    `rendered` is the text that the tool printed, if that says more than the message.
    """

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
    """A declaration is where a test's source is; `line` is 0 if only the file is known."""

    file: str
    line: int = 0


class WireTest(Frozen, frozen=True):
    """A test's result says how one test ended.

    `path` is the test's place in the tree of tests: package or file, suites, its own name.
    `duration` is in seconds, None if the tool does not report it. `file`, `line` and `column` are
    where the test failed, else where it is declared, each empty or 0 if unknown. `declared` is
    where it is declared, also if it failed elsewhere; None if unknown.
    """

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
    """The diagnostics of one task, or of every owner if `task` is empty."""

    project: str
    task: str = ""


class DiagnosticsResult(Frozen, frozen=True):
    """The diagnostics that are shown now."""

    diagnostics: tuple[WireDiagnostic, ...]


class TestsParams(Frozen, frozen=True):
    """The tests of one task, or of every task if `task` is empty.

    With `run`, only those that this run has reported; the run may still be under way.
    """

    __test__ = False

    project: str
    task: str = ""
    run: str = ""


class TaskTests(Frozen, frozen=True):
    """The tests of one task, each with its newest result."""

    task: str
    tests: tuple[WireTest, ...]


class TestsResult(Frozen, frozen=True):
    """The known tests of each task; tasks that have reported none are left out."""

    __test__ = False

    tasks: tuple[TaskTests, ...]
