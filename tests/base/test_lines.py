"""These tests decode output bytes into lines."""

from __future__ import annotations

import pytest

from buildd.base.lines import LINE_LIMIT, LineDecoder


def read(*pieces: bytes) -> str:
    lines = LineDecoder()
    return "".join([*map(lines.feed, pieces), lines.finish()])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a\nb\n", "a\nb\n"),
        (b"no end", "no end\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b" 10%\r 20%\rdone\n", " 10%\n 20%\ndone\n"),
        (b"\x1b[01m\x1b[Ka.c:1:\x1b[m\x1b[K x\n", "a.c:1: x\n"),
        (b"\x1b]8;;https://x/y\x07-Wfoo\x1b]8;;\x07]\n", "-Wfoo]\n"),
        (b"\x1b]8;;https://x/y\x1b\\-Wfoo\x1b]8;;\x1b\\]\n", "-Wfoo]\n"),
        (b"\x1b]0;never ended\nnext\n", "\nnext\n"),
        (b"a\0b\n", "ab\n"),
        (b"\xff\n", "\ufffd\n"),
        ("漢\n".encode(), "漢\n"),
        ("a\u2028b\x0c\n".encode(), "a\u2028b\x0c\n"),
    ],
)
def test_lines(data: bytes, text: str) -> None:
    assert read(data) == text
    assert read(*(data[i : i + 1] for i in range(len(data)))) == text


def test_a_line_without_end_is_cut_and_the_next_one_is_whole() -> None:
    text = read(*[b"x" * 65536] * (LINE_LIMIT // 65536 + 2), b"end\nnext\n")
    first, second, last = text.split("\n")
    assert len(first) == LINE_LIMIT
    assert (second, last) == ("next", "")
