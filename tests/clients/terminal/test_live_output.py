"""The live output of tools that print JSON for programs."""

from __future__ import annotations

import json

import pytest

from buildd_cli.output.live_output import LIMIT, LiveOutput

CARGO: list[dict[str, object]] = [
    {"reason": "compiler-artifact", "target": {}},
    {"reason": "compiler-message", "message": {"rendered": "error: no\n --> a.rs:1:1\n"}},
    {"reason": "build-finished", "success": False},
]
GO: list[dict[str, object]] = [
    {"Time": "2026", "Action": "run", "Package": "p", "Test": "T"},
    {"Time": "2026", "Action": "output", "Package": "p", "Output": "--- PASS: T\n"},
]


def lines(documents: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain\nand more", b"plain\nand more"),
        (lines(CARGO), b"error: no\n --> a.rs:1:1\n"),
        (lines(GO), b"--- PASS: T\n"),
        (b'{"other": 1}\n', b'{"other": 1}\n'),
        (b'{"reason": "made up"}\n', b'{"reason": "made up"}\n'),
        (b'{"broken\n{\n\xff\n', b'{"broken\n{\n\xef\xbf\xbd\n'),
        (b'{"no end', b'{"no end'),
        (b"{" + b"x" * LIMIT, b"{" + b"x" * LIMIT),
    ],
)
def test_each_piece_and_all_at_once(data: bytes, shown: bytes) -> None:
    whole = LiveOutput()
    assert whole.feed(data) + whole.finish() == shown
    if len(data) < 1000:
        pieces = LiveOutput()
        found = b"".join(pieces.feed(data[i : i + 1]) for i in range(len(data)))
        assert found + pieces.finish() == shown


def test_what_has_no_end_yet_shows_at_once() -> None:
    assert LiveOutput().feed(b"50 %") == b"50 %"
