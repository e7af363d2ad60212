"""What is said of numbers, durations, lists and commands."""

from __future__ import annotations

import pytest

from buildd.base.words import and_more, command_line, counted, seconds


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 errors"), (1, "1 error"), (2, "2 errors"), (1000, "1000 errors")],
)
def test_counted(number: int, expected: str) -> None:
    assert counted(number, "error") == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["a"], "a"), (["a", "b"], "a and 1 more"), (list("abc"), "a and 2 more")],
)
def test_and_more(names: str, expected: str) -> None:
    assert and_more(list(names)) == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (0, "0 ms"),
        (0.085, "85 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (184, "3 min 4 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_seconds(duration: float, expected: str) -> None:
    assert seconds(duration) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("make -j4 && echo 'a b'", "make -j4 && echo 'a b'"),
        (("make", "-j4"), "make -j4"),
        (["cc", "a b.c", "$x", ""], "cc 'a b.c' '$x' ''"),
    ],
)
def test_command_line(command: str | list[str], expected: str) -> None:
    assert command_line(command) == expected
