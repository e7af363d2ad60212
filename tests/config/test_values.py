"""These tests check values beyond their type."""

from __future__ import annotations

import math

import pytest

from buildd.config.values import (
    ValueProblemError,
    check_pattern,
    container_path,
    parse_bytes,
    parse_memory,
    parse_seconds,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4g", 4 << 30),
        ("512m", 512 << 20),
        ("512 MiB", 512 << 20),
        ("8192K", 8 << 20),
        ("1T", 1 << 40),
        ("10000000", 10_000_000),
        ("10000000b", 10_000_000),
        (10_000_000, 10_000_000),
        (0, 0),
        ("0", 0),
    ],
)
def test_sizes(value: int | str, expected: int) -> None:
    assert parse_bytes(value) == expected


@pytest.mark.parametrize("value", ["", "g", "4x", "-4g", "4.5g", "٤g", 512, -1, "9" * 30, 1 << 70])
def test_invalid_sizes(value: int | str) -> None:
    with pytest.raises(ValueProblemError):
        parse_memory(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("150ms", 0.15),
        ("2s", 2.0),
        ("1.5 s", 1.5),
        ("1m", 60.0),
        ("8h", 28800.0),
        (0.25, 0.25),
        (2, 2.0),
        (0, 0.0),
    ],
)
def test_times(value: float | str, expected: float) -> None:
    assert parse_seconds(value) == expected


@pytest.mark.parametrize("value", ["", "150", "2d", "-1s", "s", -0.1, math.inf, math.nan])
def test_invalid_times(value: float | str) -> None:
    with pytest.raises(ValueProblemError):
        parse_seconds(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("/go/src/", "/go/src"), ("//a", "/a"), ("/a/../b", "/b"), ("/run/builddy", "/run/builddy")],
)
def test_container_paths(value: str, expected: str) -> None:
    assert container_path(value) == expected


@pytest.mark.parametrize(
    "value", ["", "a", "./a", "/", "//", "/a/..", "/run/buildd", "/run/x/../buildd/y", "/a\0b"]
)
def test_invalid_container_paths(value: str) -> None:
    with pytest.raises(ValueProblemError):
        container_path(value)


@pytest.mark.parametrize(
    "value", ["*.c", "**/*.go", "/src/", "!*.gen.c", "[ab].c", "\\#x", "[z-a]"]
)
def test_patterns(value: str) -> None:
    assert check_pattern(value) == value


@pytest.mark.parametrize("value", ["", " ", "!", "\\", "# comment", "[a", "*" * 257])
def test_invalid_patterns(value: str) -> None:
    with pytest.raises(ValueProblemError):
        check_pattern(value)
