"""What differs between two runs: one finding in other words, or elsewhere, is no difference."""

from __future__ import annotations

import pytest

from buildd.model import Run, RunState, Severity, TestState, Trigger
from buildd.protocol import RunResult, WireDiagnostic, WireTest
from buildd.trials.comparison import Comparison, OutputChange, Reworded, TestChange, compare


def finding(
    message: str, line: int = 3, column: int = 5, code: str = "", **more: str
) -> WireDiagnostic:
    return WireDiagnostic(
        file=more.get("file", "/p/a.c"),
        line=line,
        column=column,
        end_line=line,
        end_column=column + 1,
        severity=Severity(more.get("severity", "warning")),
        code=code,
        message=message,
        source=more.get("source", "gcc"),
    )


def result(
    *found: WireDiagnostic, status: int = 0, tests: tuple[tuple[str, TestState], ...] = ()
) -> RunResult:
    run = Run(
        id="1",
        project="/p",
        task="build",
        environment="build",
        command="make",
        trigger=Trigger.REQUEST,
        state=RunState.FINISHED,
        exit_status=status,
    )
    told = tuple(WireTest(path=("s", name), state=state, source="t") for name, state in tests)
    return RunResult(run=run, diagnostics=found, tests=told)


UNUSED = finding("unused variable ‘x’", code="-Wunused-variable")
UNDECLARED = finding("'y' undeclared (first use in this function)", severity="error")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (UNUSED, finding("unused variable 'x'", code="-Wunused-variable")),
        (UNUSED, finding("unused variable ‘x’", column=9, code="-Wunused-variable")),
        (UNUSED, finding("variable 'x' is never read", code="-Wunused-variable")),
        (UNUSED, finding("unused variable ‘x’", line=40, code="-Wunused-variable")),
        (UNUSED, finding("unused variable ‘x’ [here]", line=4, code="-Wunused-variable")),
        (UNUSED, finding("unused variable: `x`", code="-Wunused")),
        (UNDECLARED, finding("use of undeclared identifier 'y'", severity="error", source="clang")),
    ],
)
def test_one_finding_is_matched(before: WireDiagnostic, after: WireDiagnostic) -> None:
    assert compare(result(before), result(after)).same
    assert compare(result(after), result(before)).same


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (UNUSED, finding("unused variable ‘x’", code="-Wunused-variable", file="/p/b.c")),
        (UNUSED, finding("comparison of integers of different signs", code="-Wsign-compare")),
        (UNUSED, finding("unused variable ‘z’", line=40, code="-Wunused-variable")),
        (UNUSED, finding("unused parameter ‘a’", line=40, code="-Wunused-parameter")),
        (UNDECLARED, finding("expected ‘;’ before ‘}’ token", column=9, severity="error")),
    ],
)
def test_another_finding_is_gained_and_the_first_one_lost(
    before: WireDiagnostic, after: WireDiagnostic
) -> None:
    assert compare(result(before), result(after)) == Comparison(gained=(after,), lost=(before,))


def test_of_several_alike_the_nearest_are_matched() -> None:
    before = [finding("unused variable ‘x’", line, code="-W") for line in (3, 20)]
    after = [finding("unused variable ‘x’", line, code="-W") for line in (21, 4, 60)]
    assert compare(result(*before), result(*after)).gained == (after[2],)
    assert compare(result(*after), result(*before)).lost == (after[2],)


def test_another_severity_is_told_of_the_same_finding() -> None:
    text = "implicit declaration of function ‘f’"
    before = finding(text, code="-Wimplicit-function-declaration")
    after = finding(f"{text} [-Wimplicit…]", code=before.code, severity="error")
    found = compare(result(before), result(after, status=1))
    assert found == Comparison(exit_status=(0, 1), changed=(Reworded(before=before, after=after),))


def test_tests_and_outputs_are_compared_by_their_names() -> None:
    passed, failed = TestState.PASSED, TestState.FAILED
    before = result(tests=(("a", passed), ("b", passed), ("c", passed)))
    after = result(tests=(("c", failed), ("a", passed), ("d", passed)))
    found = compare(before, after, {"x": "1", "y": "1", "z": "1"}, {"x": "1", "y": "2", "w": "1"})
    assert found.tests == (
        TestChange(path=("s", "b"), before=passed, after=None),
        TestChange(path=("s", "c"), before=passed, after=failed),
        TestChange(path=("s", "d"), before=None, after=passed),
    )
    assert found.outputs == (
        OutputChange(path="w", before=None, after="1"),
        OutputChange(path="y", before="1", after="2"),
        OutputChange(path="z", before="1", after=None),
    )
    assert not found.same
