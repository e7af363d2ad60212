"""Compares two runs of one task: their exit status, diagnostics, tests and outputs. Pure.

Another compiler words a diagnostic in another way, counts its column in another way, or names a
neighbouring line. That is still the same diagnostic, and not worth reading. So the diagnostics of
both runs are matched, the most similar first; what is left was gained or lost.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from buildd.model import Frozen, Severity, TestState
from buildd.protocol import RunResult, WireDiagnostic, WireTest

ALIKE = 0.6
"""Two messages say the same if at least this part of their words is common."""

NEAR = 3
"""Lines by which two tools may differ when they name the same place."""


class Reworded(Frozen, frozen=True):
    """A diagnostic that has another severity now."""

    before: WireDiagnostic
    after: WireDiagnostic


class TestChange(Frozen, frozen=True):
    """A test that ended in another way; None if the test was not there."""

    __test__ = False

    path: tuple[str, ...]
    before: TestState | None
    after: TestState | None


class OutputChange(Frozen, frozen=True):
    """An output whose content differs: the digests of both, None if it was not made."""

    path: str
    before: str | None
    after: str | None


class Comparison(Frozen, frozen=True):
    """What differs between two runs. Their durations always differ, and do not count."""

    exit_status: tuple[int | None, int | None] | None = None
    gained: tuple[WireDiagnostic, ...] = ()
    lost: tuple[WireDiagnostic, ...] = ()
    changed: tuple[Reworded, ...] = ()
    tests: tuple[TestChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self == Comparison()


def compare(
    before: RunResult,
    after: RunResult,
    outputs_before: Mapping[str, str] | None = None,
    outputs_after: Mapping[str, str] | None = None,
) -> Comparison:
    """Return what differs in the second run. The outputs map files to their digests."""
    statuses = before.run.exit_status, after.run.exit_status
    pairs, lost, gained = matched(before.diagnostics, after.diagnostics)
    return Comparison(
        exit_status=statuses if statuses[0] != statuses[1] else None,
        gained=tuple(gained),
        lost=tuple(lost),
        changed=tuple(
            Reworded(before=first, after=second)
            for first, second in pairs
            if _weight(first, second)
        ),
        tests=tuple(_tests(before.tests, after.tests)),
        outputs=tuple(_outputs(outputs_before or {}, outputs_after or {})),
    )


Pair = tuple[WireDiagnostic, WireDiagnostic]
"""The same diagnostic, as each of two runs found it."""


def matched(
    before: Sequence[WireDiagnostic], after: Sequence[WireDiagnostic]
) -> tuple[list[Pair], list[WireDiagnostic], list[WireDiagnostic]]:
    """Return what both runs found, what only the first one found, and what only the second one."""
    pairs: list[Pair] = []
    lost, gained = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    for key, fits in _STEPS:
        candidates: dict[Hashable, list[WireDiagnostic]] = {}
        for second in gained:
            if (name := key(second)) is not None:
                candidates.setdefault(name, []).append(second)
        for first in list(lost):
            fitting = [second for second in candidates.get(key(first), ()) if fits(first, second)]
            if fitting:
                chosen = min(fitting, key=lambda second: _distance(first, second))
                candidates[key(first)].remove(chosen)
                pairs.append((first, chosen))
                lost.remove(first)
                gained.remove(chosen)
    return pairs, lost, gained


def _at(diagnostic: WireDiagnostic) -> Hashable:
    return diagnostic.file, diagnostic.line


def _by_code(diagnostic: WireDiagnostic) -> Hashable | None:
    return (diagnostic.file, diagnostic.code) if diagnostic.code else None


def _by_file(diagnostic: WireDiagnostic) -> Hashable:
    return diagnostic.file


def _always(first: WireDiagnostic, second: WireDiagnostic) -> bool:
    return True


def _same_words(first: WireDiagnostic, second: WireDiagnostic) -> bool:
    return _words(first) == _words(second)


def _alike(first: WireDiagnostic, second: WireDiagnostic) -> bool:
    return SequenceMatcher(None, _words(first), _words(second)).ratio() >= ALIKE


def _near(first: WireDiagnostic, second: WireDiagnostic) -> bool:
    return abs(first.line - second.line) <= NEAR


def _same_place(first: WireDiagnostic, second: WireDiagnostic) -> bool:
    """Two tools' messages for one thing: of the same severity, and at the same character."""
    same_code = not (first.code and second.code) or first.source != second.source
    return first.severity is second.severity and first.column == second.column and same_code


_STEPS: tuple[
    tuple[
        Callable[[WireDiagnostic], Hashable | None],
        Callable[[WireDiagnostic, WireDiagnostic], bool],
    ],
    ...,
] = (
    (_at, _same_words),
    (lambda found: (found.file, found.line, found.code) if found.code else None, _always),
    (_at, _alike),
    (_at, _same_place),
    (_by_file, _same_words),
    (_by_code, lambda first, second: _near(first, second) and _alike(first, second)),
)
"""Keys that two diagnostics must share, each with what decides whether they are the same. The
surest is first."""


def _words(diagnostic: WireDiagnostic) -> list[str]:
    """The words of the message's first line, without what each tool spells in its own way."""
    first = diagnostic.message.partition("\n")[0]
    return first.translate(_QUOTES).replace("'", " ").lower().split()


_QUOTES = str.maketrans('‘’`“”"', "''''''")


def _distance(first: WireDiagnostic, second: WireDiagnostic) -> tuple[bool, int, int]:
    return (
        not _same_words(first, second),
        abs(first.line - second.line),
        abs(first.column - second.column),
    )


_SEVERE = list(Severity)


def _weight(first: WireDiagnostic, second: WireDiagnostic) -> int:
    """How much less severe the second is; 0 if they are equally severe."""
    return _SEVERE.index(second.severity) - _SEVERE.index(first.severity)


def _tests(before: Iterable[WireTest], after: Iterable[WireTest]) -> Iterable[TestChange]:
    states = [{test.path: test.state for test in tests} for tests in (before, after)]
    for path in dict.fromkeys((*states[0], *states[1])):
        was, is_now = (each.get(path) for each in states)
        if was is not is_now:
            yield TestChange(path=path, before=was, after=is_now)


def _outputs(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[OutputChange]:
    for path in sorted({*before, *after}):
        was, is_now = before.get(path), after.get(path)
        if was != is_now:
            yield OutputChange(path=path, before=was, after=is_now)
