"""Hostile output on a terminal: text is shown, and no escape sequence but colours gets through."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildd_cli.output.escape_filter import HELD, EscapeFilter

CASES = {
    **{
        case["name"]: (case["output"].encode(), case["shown"].encode())
        for case in json.loads(
            (Path(__file__).parents[2] / "escape_sequences.json").read_text("utf-8")
        )
    },
    "colours left on": (b"\x1b[31mx", b"\x1b[31mx\x1b[0m"),
    "C1 as bytes": (b"a\x9b2Jb", "a\ufffd2Jb".encode()),
    "a lone escape": (b"a\x1b", b"a"),
    "a very long sequence": (b"\x1b]" + b"x" * 9000 + b"\x07e", b"e"),
}
"""The cases of the file are also those of the editors' clients."""


def shown(*pieces: bytes) -> bytes:
    escape_filter = EscapeFilter()
    return b"".join([*map(escape_filter.feed, pieces), escape_filter.finish()])


@pytest.mark.parametrize("name", CASES)
def test_all_at_once(name: str) -> None:
    data, wanted = CASES[name]
    assert shown(data) == wanted


@pytest.mark.parametrize("name", [name for name in CASES if len(CASES[name][0]) < HELD])
def test_byte_by_byte(name: str) -> None:
    data, wanted = CASES[name]
    assert shown(*(data[at : at + 1] for at in range(len(data)))) == wanted


@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([b"\x1b", b"\x1b[", b"]52;", b"\x9b", b"m"]))
)
def test_whatever_comes_and_however_it_is_cut(pieces: list[bytes]) -> None:
    text = shown(*pieces).decode()
    rest = re.sub(r"\x1b\[[0-9;:]*[mK]", "", text)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", rest)
