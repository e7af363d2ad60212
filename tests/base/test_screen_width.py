"""How wide characters are on a screen."""

from __future__ import annotations

import pytest

from buildd.base.columns import to_index
from buildd.base.screen_width import screen_width
from buildd.model import ColumnUnit

WIDTHS = {
    "a": 1,
    "é": 1,
    "\u0301": 0,  # combining acute accent
    "\xad": 1,  # soft hyphen
    "\u200b": 0,  # zero width space
    "\u20dd": 0,  # combining enclosing circle
    "漢": 2,
    "ｆ": 2,
    "😀": 2,
    "ｶ": 1,  # halfwidth
    "\udcff": 1,  # a byte that is no UTF-8
}


@pytest.mark.parametrize(("character", "width"), WIDTHS.items())
def test_a_character(character: str, width: int) -> None:
    assert screen_width(character) == width
    assert to_index(f"a{character}b", 2 + width, ColumnUnit.DISPLAY) == 2
