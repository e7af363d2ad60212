"""How many values JSON has."""

from __future__ import annotations

import json

import pytest

from buildd.base.json_size import has_more_values


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({}, 1),
        ([], 1),
        ([1, 2, 3], 3),
        ([[], [], []], 6),
        ({"a": {"b": "c", "d": ["e"]}}, 4),
        ({"text": 'a, [b], {c}, \\, ", \\", ['}, 1),
        ({"a,": "b,", 'c",[': ["d,", "\\"]}, 4),
    ],
)
def test_values(value: object, count: int) -> None:
    text = json.dumps(value, separators=(",", ":")).encode()
    assert not has_more_values(text, count)
    assert has_more_values(text, count - 1)


def test_strings_count_too() -> None:
    assert has_more_values(b'"a"' * 1000, 100) is False  # no JSON
    assert has_more_values(b'["' + b'a","' * 1000 + b'"]', 100)


@pytest.mark.parametrize("text", [b'{"a": "' + b"," * 1000, b'"\\' * 1000, b"", b"\xff,[{"])
def test_what_is_no_json_has_an_answer(text: bytes) -> None:
    has_more_values(text, 10)
