"""Two runs of a task side by side, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from buildd.base.words import counted, seconds
from buildd_cli.render import short_path, totals
from buildd_cli.terminal import BOLD, GREEN, RED, YELLOW, Style, clean, table

if TYPE_CHECKING:
    from buildd.model import TestState
    from buildd.protocol import RunResult, WireDiagnostic
    from buildd.trials.comparison import Comparison


class Side(NamedTuple):
    """One of the two: what stands above its column, and how it went."""

    title: str
    result: RunResult


def differences_text(sides: Sequence[Side], found: Comparison, style: Style, directory: str) -> str:
    """The two, what differs, and the verdict; paths in `directory` are relative to it."""
    lines = [f"  {line}" for line in table([*_rows(sides)])]
    lines += [style.paint("+ ", GREEN) + _diagnostic(one, style, directory) for one in found.gained]
    lines += [style.paint("- ", RED) + _diagnostic(one, style, directory) for one in found.lost]
    lines += [
        style.paint("~ ", YELLOW)
        + _diagnostic(one.after, style, directory)
        + f" (was: {one.before.severity})"
        for one in found.changed
    ]
    lines += [
        f"{style.paint('~', YELLOW)} test {clean(' > '.join(one.path))}: "
        f"{one.before or 'not there'} → {one.after or 'not there'}"
        for one in found.tests
    ]
    lines += [
        f"{style.paint('~', YELLOW)} output {clean(one.path)}: "
        f"{_digest(one.before)} → {_digest(one.after)}"
        for one in found.outputs
    ]
    what = ", ".join(_kinds(found))
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
    found = [msgspec.to_builtins(side.result.diagnostics) for side in sides]
    yield ("diagnostics", *(totals(one) or "none" for one in found))
    if any(side.result.tests for side in sides):
        counts = [Counter(one.state for one in side.result.tests) for side in sides]
        yield ("tests", *(_states(one) or "none" for one in counts))


def _states(counts: Counter[TestState]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def _kinds(found: Comparison) -> Iterable[str]:
    if found.exit_status:
        yield "exit status"
    for number, what in (
        (len(found.gained), "gained"),
        (len(found.lost), "lost"),
        (len(found.changed), "of another severity"),
    ):
        if number:
            yield f"{counted(number, 'diagnostic')} {what}"
    if found.tests:
        yield counted(len(found.tests), "test")
    if found.outputs:
        yield counted(len(found.outputs), "output")


def _diagnostic(one: WireDiagnostic, style: Style, directory: str) -> str:
    place = f"{short_path(one.file, directory)}:{one.line}:{one.column}: " if one.file else ""
    message = one.message.partition("\n")[0]
    origin = " ".join(filter(None, (one.source, one.code)))
    return f"{style.paint(clean(place), BOLD)}{one.severity}: {clean(f'{message} [{origin}]')}"


def _digest(digest: str | None) -> str:
    return clean(digest[:12]) if digest else "not made"
