"""What a document is after an editor's changes."""

from __future__ import annotations

import random

import pytest
from lsprotocol import types

from buildd.lsp.text_changes import applied

ALPHABET = ("a", "b", "é", "漢", "😀", "\t", "\n", "\r\n", "\r", "\x0b", "\u2028")


def change(
    text: str, start: tuple[int, int], end: tuple[int, int]
) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(
        range=types.Range(types.Position(*start), types.Position(*end)), text=text
    )


@pytest.mark.parametrize(
    ("text", "made", "encoding", "expected"),
    [
        ("", change("x", (0, 0), (0, 0)), "utf-16", "x"),
        ("ab\ncd\n", change("x", (0, 1), (1, 1)), "utf-16", "axd\n"),
        ("ab\r\ncd", change("x", (0, 99), (0, 99)), "utf-16", "abx\r\ncd"),
        ("ab\n", change("x", (1, 0), (1, 0)), "utf-16", "ab\nx"),
        ("ab\n", change("x", (7, 7), (9, 9)), "utf-16", "ab\nx"),
        ("ab", change("x", (7, 7), (9, 9)), "utf-16", "abx"),
        ("a\rb", change("x", (1, 0), (1, 1)), "utf-16", "a\rx"),
        ("a\u2028b\nc", change("x", (0, 2), (0, 3)), "utf-16", "a\u2028x\nc"),
        ("😀é", change("x", (0, 2), (0, 3)), "utf-16", "😀x"),
        ("😀é", change("x", (0, 4), (0, 6)), "utf-8", "😀x"),
        ("😀é", change("x", (0, 1), (0, 2)), "utf-32", "😀x"),
        ("abc", change("x", (0, 2), (0, 1)), "utf-16", "abxc"),
        ("abc", types.TextDocumentContentChangeWholeDocument(text="x\ny"), "utf-16", "x\ny"),
    ],
)
def test_one_change(
    text: str, made: types.TextDocumentContentChangeEvent, encoding: str, expected: str
) -> None:
    assert applied(text, [made], encoding) == expected


@pytest.mark.parametrize("seed", range(200))
def test_several_changes_are_as_if_each_were_made_alone(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choices(ALPHABET, k=30))
    changes = [random_change(chance) for _ in range(8)]
    encoding = chance.choice(("utf-8", "utf-16", "utf-32"))
    alone = text
    for made in changes:
        alone = applied(alone, [made], encoding)
    assert applied(text, changes, encoding) == alone


def random_change(chance: random.Random) -> types.TextDocumentContentChangePartial:
    start, end = sorted((chance.randrange(9), chance.randrange(9)) for _ in range(2))
    return change("".join(chance.choices(ALPHABET, k=chance.randrange(5))), start, end)


def test_many_changes_of_a_long_line() -> None:
    """A change of such a line took pygls most of a second."""
    text = "x" * (1 << 20) + "é"
    changes = [change("yy", (0, 1 << 19), (0, 1 + (1 << 19)))] * 100
    assert len(applied(text, changes, "utf-16")) == len(text) + 100
