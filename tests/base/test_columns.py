"""These tests convert tools' columns to characters, and characters to editors' offsets."""

from __future__ import annotations

import pytest

from buildd.base.columns import to_index, to_offset, token_end
from buildd.model import ColumnUnit

LINE = '\tconst char *s = "héllo漢"; x = 𝄞 + y;'
"""Tab, two-byte, three-byte and wide, four-byte characters before the `y`."""

AT_X = LINE.index("x =")
AT_Y = LINE.index("y;")


@pytest.mark.parametrize(
    ("unit", "column", "index"),
    [
        (ColumnUnit.BYTE, len(LINE[:AT_X].encode()) + 1, AT_X),
        (ColumnUnit.BYTE, len(LINE[:AT_Y].encode()) + 1, AT_Y),
        (ColumnUnit.CODE_POINT, AT_Y + 1, AT_Y),
        (ColumnUnit.UTF16, AT_X + 1, AT_X),
        (ColumnUnit.UTF16, AT_Y + 2, AT_Y),
        (ColumnUnit.DISPLAY, AT_X + 1 + 7 + 1, AT_X),  # a tab of 8, one wide character
        (ColumnUnit.DISPLAY, 1, 0),
        (ColumnUnit.DISPLAY, 5, 0),  # inside the tab
        (ColumnUnit.DISPLAY, 9, 1),
    ],
)
def test_to_index(unit: ColumnUnit, column: int, index: int) -> None:
    assert to_index(LINE, column, unit) == index


@pytest.mark.parametrize("unit", list(ColumnUnit))
@pytest.mark.parametrize("line", ["", "plain", LINE])
def test_impossible_columns_stay_in_the_line(unit: ColumnUnit, line: str) -> None:
    assert to_index(line, 0, unit) == 0
    assert to_index(line, 10_000, unit) == len(line)


def test_a_byte_column_is_right_after_bytes_that_are_not_utf_8() -> None:
    line = b'"\xff\xfe" x'.decode("utf-8", "surrogateescape")
    assert to_index(line, 6, ColumnUnit.BYTE) == line.index("x")


def test_a_combining_mark_takes_no_room_on_the_screen() -> None:
    assert to_index("e\u0301x", 2, ColumnUnit.DISPLAY) == 2


@pytest.mark.parametrize(("encoding", "offset"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_to_offset(encoding: str, offset: int) -> None:
    assert to_offset("𝄞x", 1, encoding) == offset
    assert to_offset("abc", 2, encoding) == 2


def test_a_byte_that_is_not_utf_8_counts_as_the_replacement_character() -> None:
    line = b"\xffx".decode("utf-8", "surrogateescape")
    encodings = ("utf-8", "utf-16", "utf-32")
    assert [to_offset(line, 1, encoding) for encoding in encodings] == [3, 1, 1]


@pytest.mark.parametrize(
    ("line", "index", "end"),
    [
        ("foo_1(bar)", 0, 5),
        ("foo(bar)", 3, 4),
        ('x = "a\\"b" + 1', 4, 10),
        ("héllo + x", 0, 5),
        ("x ", 1, 2),
        ("x", 1, 1),
        ("", 0, 0),
        ("on-sav = true", 0, 6),
        ("on-sav=true", 3, 6),
        ("left-right == 1", 0, 4),
        ("left-right", 0, 4),
    ],
)
def test_token_end(line: str, index: int, end: int) -> None:
    assert token_end(line, index) == end
