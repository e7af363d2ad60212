"""JSON that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from buildd.base.json_file import read_json
from buildd.base.json_text import parse_json, parse_json_object
from buildd.model import Frozen

DEEP = "[" * 100_000
WRONG = ["", "{", "[1,]", DEEP, '{"a":' * 100_000, "nul", "\udcff"]


class Row(Frozen, frozen=True):
    """A row of a file."""

    number: int


@pytest.mark.parametrize("text", ["{}", "[]", '"text"', "1", "null"])
def test_json_is_read(text: str) -> None:
    assert parse_json(text) == parse_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_whatever_is_wrong_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)
    assert parse_json_object(text) == {}


def test_bytes_that_are_no_text_are_no_json() -> None:
    with pytest.raises(ValueError, match="decode"):
        parse_json(b'"\xff"')


def test_the_place_of_a_mistake_is_told() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        parse_json('{"a":\n  }')
    assert (caught.value.lineno, caught.value.colno) == (2, 3)


@pytest.mark.parametrize(("text", "expected"), [('{"a": 1}', {"a": 1}), ("[1]", {}), ("1", {})])
def test_only_an_object_is_one(text: str, expected: dict[str, Any]) -> None:
    assert parse_json_object(text) == expected


def test_a_file_is_read_as_a_type(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('[{"number": 1}]')
    assert read_json(str(path), list[Row]) == [Row(number=1)]


@pytest.mark.parametrize("text", ["", "{", '[{"number": "1"}]', "[{}]", DEEP])
def test_a_torn_file_is_one_kind_of_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_json(str(path), list[Row])


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_json(str(tmp_path / "rows.json"), list[Row])
