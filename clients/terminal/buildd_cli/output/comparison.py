"""Show two runs of a task side by side, and their differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from buildd.base.words import counted, seconds
from buildd_cli.output.diagnostics import short_path, totals
from buildd_cli.output.terminal import BOLD, GREEN, RED, YELLOW, Style, clean, table

if TYPE_CHECKING:
    from buildd.model import TestState
    from buildd.protocol import RunResult, WireDiagnostic
    from buildd.trials.comparison import Comparison


class Side(NamedTuple):
    """One of the two runs: the heading of its column, and its result."""

    title: str
    result: RunResult


def differences_text(
    sides: Sequence[Side], comparison: Comparison, style: Style, directory: str
) -> str:
    """Return both runs as a table, then their differences and the verdict.

    Paths inside `directory` are shown relative to it.
    """

    def text(diagnostic: WireDiagnostic) -> str:
        return _diagnostic(diagnostic, style, directory)

    changed = style.paint("~", YELLOW)
    lines = [f"  {line}" for line in table([*_rows(sides)])]
    lines += [f"{style.paint('+ ', GREEN)}{text(gained)}" for gained in comparison.gained]
    lines += [f"{style.paint('- ', RED)}{text(lost)}" for lost in comparison.lost]
    lines += [
        f"{style.paint('~ ', YELLOW)}{text(change.after)} (was: {change.before.severity})"
        for change in comparison.changed
    ]
    lines += [
        f"{changed} test {clean(' > '.join(change.path))}: "
        f"{change.before or 'not run'} → {change.after or 'not run'}"
        for change in comparison.tests
    ]
    lines += [
        f"{changed} output {clean(change.path)}: {_digest(change.before)} → {_digest(change.after)}"
        for change in comparison.outputs
    ]
    what = ", ".join(_kinds(comparison))
    verdict = (
        style.paint(f"different: {what}", BOLD, RED)
        if what
        else style.paint("the same", BOLD, GREEN)
    )
    return "".join(f"{line}\n" for line in (*lines, verdict))


def _rows(sides: Sequence[Side]) -> Iterable[tuple[str, ...]]:
    yield ("", *(clean(side.title) for side in sides))
    yield ("exit status", *(str(side.result.run.exit_status) for side in sides))
    runs = [side.result.run for side in sides]
    yield ("took", *(seconds(run.ended - run.started) for run in runs))
    diagnostics = [msgspec.to_builtins(side.result.diagnostics) for side in sides]
    yield ("diagnostics", *(totals(found) or "none" for found in diagnostics))
    if any(side.result.tests for side in sides):
        counts = [Counter(test.state for test in side.result.tests) for side in sides]
        yield ("tests", *(_states(states) or "none" for states in counts))


def _states(counts: Counter[TestState]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def _kinds(comparison: Comparison) -> Iterable[str]:
    if comparison.exit_status:
        yield "exit status"
    for number, what in (
        (len(comparison.gained), "gained"),
        (len(comparison.lost), "lost"),
        (len(comparison.changed), "with another severity"),
    ):
        if number:
            yield f"{counted(number, 'diagnostic')} {what}"
    if comparison.tests:
        yield counted(len(comparison.tests), "test")
    if comparison.outputs:
        yield counted(len(comparison.outputs), "output")


def _diagnostic(found: WireDiagnostic, style: Style, directory: str) -> str:
    file = short_path(found.file, directory)
    place = f"{file}:{found.line}:{found.column}: " if found.file else ""
    message = found.message.partition("\n")[0]
    origin = " ".join(filter(None, (found.source, found.code)))
    return f"{style.paint(clean(place), BOLD)}{found.severity}: {clean(f'{message} [{origin}]')}"


def _digest(digest: str | None) -> str:
    return clean(digest[:12]) if digest else "missing"
