"""These tests find the positions of keys in a TOML text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from buildd.config.key_positions import Path, dotted, nearest, positions
from tests.config.support import data, data_files

CASES: list[tuple[str, Path, tuple[int, int]]] = [
    ("a = 1\nb = 2\n", ("b",), (2, 1)),
    ("  a = 1\n", ("a",), (1, 3)),
    ("[t]\nk = 1\n", ("t", "k"), (2, 1)),
    ("[t]\nk = 1\n", ("t",), (1, 2)),
    ("[ a . b ]\n", ("a", "b"), (1, 7)),
    ("[a.b]\n[a]\nx = 1\n", ("a",), (1, 2)),
    ("a.b.c = 1\n", ("a", "b", "c"), (1, 5)),
    ("a.b = 1\na.c = 2\n", ("a", "c"), (2, 3)),
    ('"a.b"."c d" = 1\n', ("a.b", "c d"), (1, 7)),
    ("'a\\b' = 1\n", ("a\\b",), (1, 1)),
    ('"\\u00e4\\"x" = 1\ny = 2\n', ('ä"x',), (1, 1)),
    ('"" = 1\n', ("",), (1, 1)),
    ("'é漢' = 1\n", ("é漢",), (1, 1)),
    ("é = { b = 1 }\n".replace("é", '"é漢"'), ("é漢", "b"), (1, 10)),
    ("a = { b = 1, c = { d = 2 } }\n", ("a", "c", "d"), (1, 20)),
    ("a = { b.c = 1 }\n", ("a", "b", "c"), (1, 9)),
    ("a = [1, { b = 2 }]\n", ("a", 1, "b"), (1, 11)),
    ("a = [\n  # ] b = 3\n  'x = y',\n  [ 1 ],\n]\nb = 1\n", ("b",), (6, 1)),
    ("a = [\n  # c\n  'x',\n  'y', # d\n]\n", ("a", 1), (4, 3)),
    ("a = [\n  [ 1, 2 ],\n  [ 3 ],\n]\n", ("a", 1, 0), (3, 5)),
    ('a = """\nb = 1\n[c]\n"""\nb = 2\n', ("b",), (5, 1)),
    ('a = """x\\"""y"""""\nb = 2\n', ("b",), (2, 1)),
    ("a = '''\nb = 1\n'''''\nb = 2\n", ("b",), (4, 1)),
    ('a = """\\\\"""\nb = 2\n', ("b",), (2, 1)),
    ('a = "# no comment" # """\nb = 2\n', ("b",), (2, 1)),
    ('a = "\\"" # "\nb = 2\n', ("b",), (2, 1)),
    ("[[m]]\nx = 1\n[[m]]\nx = 2\n", ("m", 1, "x"), (4, 1)),
    ("[[m]]\nx = 1\n[[m]]\n", ("m", 1), (3, 3)),
    ("[[m]]\n[m.sub]\ny = 1\n[[m]]\n[m.sub]\ny = 2\n", ("m", 1, "sub", "y"), (6, 1)),
    ("[[m.n]]\n[[m.n]]\nz = 1\n", ("m", "n", 1, "z"), (3, 1)),
    ("a = 1979-05-27 07:32:00 # c\nb = 1\n", ("b",), (2, 1)),
    ("a = inf\nb = 0x1\n", ("b",), (2, 1)),
]


@pytest.mark.parametrize(("text", "path", "expected"), CASES)
def test_key_is_found(text: str, path: Path, expected: tuple[int, int]) -> None:
    tomllib.loads(text)
    assert positions(text)[path] == expected


@pytest.mark.parametrize("text", [*(case[0] for case in CASES), data("", "example.toml")])
def test_exactly_the_keys_of_the_text_have_positions(text: str) -> None:
    assert set(positions(text)) == set(paths_of(tomllib.loads(text), ()))


def test_a_missing_key_has_the_position_of_the_nearest_table() -> None:
    found = positions("\n[a]\nb = 1\n")
    assert nearest(found, ("a", "x", "y")) == (2, 2)
    assert nearest(found, ("z",)) == (1, 1)
    assert nearest(found, ()) == (1, 1)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a", "b"), "a.b"),
        (("a", "b c", 3, "d.e"), 'a."b c"[3]."d.e"'),
        (("a", "\x1b[2J\u202e"), 'a."\\x1b[2J\\u202e"'),
        ((), ""),
    ],
)
def test_dotted(path: Path, expected: str) -> None:
    assert dotted(path) == expected


@pytest.mark.parametrize("text", ["[", "a", "a =", "= 1", "]", "a = [", "a = {", '"', "[[", "\\"])
def test_the_scan_of_invalid_toml_ends(text: str) -> None:
    positions(text)


@pytest.mark.parametrize("name", data_files("errors", ".toml"))
def test_wrong_configurations_have_positions_too(name: str) -> None:
    text = data("errors", f"{name}.toml").replace("\r\n", "\n")
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(positions(text)) == set(paths_of(read, ()))


def paths_of(value: Any, path: Path) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths_of(item, (*path, index))
