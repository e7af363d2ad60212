"""What differs between two runs of one task: the exit status, diagnostics, tests, outputs. Pure.

Another compiler words a finding otherwise, counts its column otherwise or names a line before or
after. That is still the same finding, and nobody wants to read it. So what both found is matched,
from the most to the least alike; what is left was gained or lost.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from buildd.model import Frozen, Severity, TestState
from buildd.protocol import RunResult, WireDiagnostic, WireTest

ALIKE = 0.6
"""From this ratio of what two messages have in common they say the same."""

NEAR = 3
"""Lines that two tools may be apart when they speak of one place."""


class Reworded(Frozen, frozen=True):
    """One finding, of another severity."""

    before: WireDiagnostic
    after: WireDiagnostic


class TestChange(Frozen, frozen=True):
    """A test that ended otherwise; None where it was not there."""

    __test__ = False

    path: tuple[str, ...]
    before: TestState | None
    after: TestState | None


class OutputChange(Frozen, frozen=True):
    """A file that was made otherwise: the digests of its content, None where it was not made."""

    path: str
    before: str | None
    after: str | None


class Comparison(Frozen, frozen=True):
    """What differs. That one took longer is no difference: it always does."""

    exit_status: tuple[int | None, int | None] | None = None
    gained: tuple[WireDiagnostic, ...] = ()
    lost: tuple[WireDiagnostic, ...] = ()
    changed: tuple[Reworded, ...] = ()
    tests: tuple[TestChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()

    @property
    def same(self) -> bool:
        return self == Comparison()


def compare(
    before: RunResult,
    after: RunResult,
    outputs_before: Mapping[str, str] | None = None,
    outputs_after: Mapping[str, str] | None = None,
) -> Comparison:
    """What differs in the second from the first. The outputs map files to their digests."""
    statuses = before.run.exit_status, after.run.exit_status
    pairs, lost, gained = matched(before.diagnostics, after.diagnostics)
    return Comparison(
        exit_status=statuses if statuses[0] != statuses[1] else None,
        gained=tuple(gained),
        lost=tuple(lost),
        changed=tuple(
            Reworded(before=one, after=other) for one, other in pairs if _weight(one, other)
        ),
        tests=tuple(_tests(before.tests, after.tests)),
        outputs=tuple(_outputs(outputs_before or {}, outputs_after or {})),
    )


Pair = tuple[WireDiagnostic, WireDiagnostic]


def matched(
    before: Sequence[WireDiagnostic], after: Sequence[WireDiagnostic]
) -> tuple[list[Pair], list[WireDiagnostic], list[WireDiagnostic]]:
    """What both have found, and what only the first and only the second has."""
    pairs: list[Pair] = []
    lost, gained = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    for key, fits in _STEPS:
        candidates: dict[Hashable, list[WireDiagnostic]] = {}
        for one in gained:
            if (name := key(one)) is not None:
                candidates.setdefault(name, []).append(one)
        for one in list(lost):
            fitting = [other for other in candidates.get(key(one), ()) if fits(one, other)]
            if fitting:
                other = min(fitting, key=lambda other: _distance(one, other))
                candidates[key(one)].remove(other)
                pairs.append((one, other))
                lost.remove(one)
                gained.remove(other)
    return pairs, lost, gained


def _at(one: WireDiagnostic) -> Hashable:
    return one.file, one.line


def _by_code(one: WireDiagnostic) -> Hashable | None:
    return (one.file, one.code) if one.code else None


def _by_file(one: WireDiagnostic) -> Hashable:
    return one.file


def _always(one: WireDiagnostic, other: WireDiagnostic) -> bool:
    return True


def _same_words(one: WireDiagnostic, other: WireDiagnostic) -> bool:
    return _words(one) == _words(other)


def _alike(one: WireDiagnostic, other: WireDiagnostic) -> bool:
    return SequenceMatcher(None, _words(one), _words(other)).ratio() >= ALIKE


def _near(one: WireDiagnostic, other: WireDiagnostic) -> bool:
    return abs(one.line - other.line) <= NEAR


def _same_place(one: WireDiagnostic, other: WireDiagnostic) -> bool:
    """Two tools' words for one thing: as bad, and at the same character."""
    same_code = not (one.code and other.code) or one.source != other.source
    return one.severity is other.severity and one.column == other.column and same_code


_STEPS: tuple[
    tuple[
        Callable[[WireDiagnostic], Hashable | None],
        Callable[[WireDiagnostic, WireDiagnostic], bool],
    ],
    ...,
] = (
    (_at, _same_words),
    (lambda one: (one.file, one.line, one.code) if one.code else None, _always),
    (_at, _alike),
    (_at, _same_place),
    (_by_file, _same_words),
    (_by_code, lambda one, other: _near(one, other) and _alike(one, other)),
)
"""By what two findings are brought together, and whether they are the same: the surest first."""


def _words(one: WireDiagnostic) -> list[str]:
    """The message's first line, without what tools spell in their own ways."""
    first = one.message.partition("\n")[0]
    return first.translate(_QUOTES).replace("'", " ").lower().split()


_QUOTES = str.maketrans('‘’`“”"', "''''''")


def _distance(one: WireDiagnostic, other: WireDiagnostic) -> tuple[bool, int, int]:
    return not _same_words(one, other), abs(one.line - other.line), abs(one.column - other.column)


_SEVERE = list(Severity)


def _weight(one: WireDiagnostic, other: WireDiagnostic) -> int:
    """How much less severe the second is: another number than 0 is worth being told."""
    return _SEVERE.index(other.severity) - _SEVERE.index(one.severity)


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
