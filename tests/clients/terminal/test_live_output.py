"""The live output of tools that print JSON for programs."""

from __future__ import annotations

import json
import os

import pytest

from buildd_cli.output.live_output import LIMIT, LiveOutput, OutputWriter

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
        (b'{"reason": "compiler-message", "message": 5}\n',) * 2,
        (b'{"reason": "compiler-message"}\n',) * 2,
        (b'{"a":' * 100_000 + b"\n",) * 2,
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


def test_a_terminal_gets_also_what_was_held_back() -> None:
    ours, terminal = os.openpty()
    try:
        output = OutputWriter(terminal)
        output.write(b'{"no end')
        output.finish()
        assert os.read(ours, 100) == b'{"no end'
        output.write(lines(CARGO))
        output.finish()
        assert os.read(ours, 100) == b"error: no\r\n --> a.rs:1:1\r\n"
    finally:
        os.close(ours)
        os.close(terminal)


def test_a_pipe_gets_the_bytes_unchanged() -> None:
    ours, pipe = os.pipe()
    try:
        OutputWriter(pipe).write_notification({"data": "eyJyZWFzb24iOiAi"})
        assert os.read(ours, 100) == b'{"reason": "'
        OutputWriter(None).write(b"nowhere")
    finally:
        os.close(ours)
        os.close(pipe)
