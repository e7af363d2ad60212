"""What lies below a directory: by whole components, never by the beginning of a name."""

from __future__ import annotations

import pytest

from buildd.base.containment import is_below, moved, relative_to

BELOW = [
    ("/a", "/a", ""),
    ("/a/b", "/a", "b"),
    ("/a/b/c", "/a", "b/c"),
    ("/a/b", "/a/", "b"),
    ("/a/b/", "/a", "b/"),
    ("/a", "/a/", ""),
    ("/a/", "/a", ""),
    ("/a", "/", "a"),
    ("/", "/", ""),
    ("/a/..b", "/a", "..b"),
    ("/a//b", "/a", "b"),
    ("example.org/m/x", "example.org/m", "x"),
]

ELSEWHERE = [
    ("/ab", "/a"),
    ("/a", "/a/b"),
    ("/b/a", "/a"),
    ("/", "/a"),
    ("a/b", "/a"),
    ("a", "/"),
    ("", "/"),
    ("", "/a"),
    ("/a", ""),
    ("", ""),
    ("example.org/mx", "example.org/m"),
]


@pytest.mark.parametrize(("path", "directory", "rest"), BELOW)
def test_below(path: str, directory: str, rest: str) -> None:
    assert is_below(path, directory)
    assert relative_to(path, directory) == rest


@pytest.mark.parametrize(("path", "directory"), ELSEWHERE)
def test_elsewhere(path: str, directory: str) -> None:
    assert not is_below(path, directory)
    assert relative_to(path, directory) is None
    assert moved(path, directory, "/new") is None


@pytest.mark.parametrize(
    ("path", "source", "target", "expected"),
    [
        ("/a", "/a", "/new", "/new"),
        ("/a", "/a", "/", "/"),
        ("/a/b", "/a", "/new", "/new/b"),
        ("/a/b", "/a/", "/new/", "/new/b"),
        ("/a/b", "/a", "/", "/b"),
        ("/a/b", "/", "/new", "/new/a/b"),
        ("/a/b", "/", "/", "/a/b"),
    ],
)
def test_moved(path: str, source: str, target: str, expected: str) -> None:
    assert moved(path, source, target) == expected
