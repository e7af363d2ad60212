"""These tests check how deeply JSON is nested."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildd.base.nesting import is_nested_deeper

values = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\a'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('[{"\\'), inner),
    max_leaves=40,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(values)
def test_the_limit_is_the_depth(value: Any) -> None:
    text = json.dumps(value).encode()
    assert not is_nested_deeper(text, depth(value))
    if depth(value):
        assert is_nested_deeper(text, depth(value) - 1)


@pytest.mark.parametrize("width", [1, 3])
def test_of_many_levels(width: int) -> None:
    text = b"[]"
    for _ in range(6):
        text = b"[" + b",".join([text] * width) + b"]"
    text = b'{"a":' * 93 + text + b"}" * 93
    assert not is_nested_deeper(text, 100)
    assert is_nested_deeper(text, 99)


@pytest.mark.parametrize(
    "text",
    [b'"' + b'\\"[' * 400_000, b'["\\', b'"' * 999_999 + b"[" * 1000, b"]" * 1000 + b"[" * 1001],
    ids=["a string without end", "cut in an escape", "quotes", "closed before it begins"],
)
def test_what_is_no_json_is_looked_at_once(text: bytes) -> None:
    is_nested_deeper(text, 500)
