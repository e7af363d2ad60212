"""Messages on the wire: cut the same way by the daemon, the terminal client and the bridge."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildd.base.framing import BODY_LIMIT, HEADER_LIMIT, MessageBuffer, frame
from buildd.errors import ProtocolError
from buildd_cli.daemon.connection import Connection
from buildd_cli.lsp.framing import FrameReader


def bodies(data: bytes, size: int = 1 << 20) -> list[bytes]:
    """The messages of a stream that comes in pieces of `size` bytes."""
    buffer = MessageBuffer()
    found = []
    for start in range(0, len(data), size):
        buffer.feed(data[start : start + size])
        while taken := buffer.take():
            found.append(taken.body)
    return found


@given(st.lists(st.binary(max_size=40)), st.integers(1, 30), st.sampled_from([b"\r\n", b"\n"]))
def test_messages_are_whole_however_the_stream_is_cut(
    sent: list[bytes], size: int, end: bytes
) -> None:
    data = b"".join(b"content-length: %d%b%b%b" % (len(one), end, end, one) for one in sent)
    assert bodies(data, size) == sent
    assert bodies(b"".join(map(frame, sent)), size) == sent


HEADS = {
    "usual": b"Content-Length: 2\r\n\r\n",
    "lower case, no blank": b"content-length:2\r\n\r\n",
    "other headers": b"X: 1\r\nContent-Length: 2\r\nY: 2\r\n\r\n",
    "blank before the colon": b"Content-Length : 2\r\n\r\n",
    "line feeds alone": b"Content-Length: 2\n\n",
    "blanks on the empty line": b"Content-Length: 2\r\n \t\r\n",
    "two lengths": b"Content-Length: 9\r\nContent-Length: 2\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_daemon_client_and_bridge_cut_at_the_same_byte(head: bytes) -> None:
    """If they did not, one of them would take a part of one message for another."""
    last = b'{"a": 1}'
    data = head + b"{}" + frame(last)
    assert bodies(data) == [b"{}", last]
    assert [one.raw for one in FrameReader().feed(data)] == [head + b"{}", frame(last)]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        connection = Connection(ours)
        assert [connection.receive(), connection.receive()] == [{}, {"a": 1}]


BROKEN = {
    "no length": b"X: 1\r\n\r\n",
    "negative": b"Content-Length: -1\r\n\r\n",
    "no number": b"Content-Length: two\r\n\r\n",
    "other digits": "Content-Length: ٢\r\n\r\n".encode(),
    "thousands of digits": b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "over the limit": b"Content-Length: %d\r\n\r\n" % (BODY_LIMIT + 1),
    "a line without end": b"x" * (HEADER_LIMIT + 1),
    "many lines": b"X: 1\r\n" * HEADER_LIMIT,
}


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
@pytest.mark.parametrize("head", BROKEN.values(), ids=list(BROKEN))
def test_a_stream_without_a_next_message_is_refused(head: bytes, size: int) -> None:
    with pytest.raises(ProtocolError):
        bodies(head, size)


def test_headers_may_have_all_of_their_limit() -> None:
    length = b"Content-Length: 2\r\n\r\n"
    filled = b"X: " + b"x" * (HEADER_LIMIT - len(length) - 5) + b"\r\n" + length
    assert len(filled) == HEADER_LIMIT
    assert bodies(filled + b"{}") == [b"{}"]
    with pytest.raises(ProtocolError):
        bodies(b"x" + filled + b"{}")


def test_what_belongs_to_no_message_can_be_taken() -> None:
    buffer = MessageBuffer()
    assert len(buffer) == 0
    buffer.feed(frame(b"{}") + b"Content-Length: 5\r\n\r\n[")
    assert buffer.take()
    assert buffer.take() is None
    assert len(buffer) == len(b"Content-Length: 5\r\n\r\n[")
    assert buffer.take_rest() == b"Content-Length: 5\r\n\r\n["
    buffer.feed(frame(b"{}"))
    assert (taken := buffer.take())
    assert (taken.raw, taken.body) == (frame(b"{}"), b"{}")


def test_the_client_reads_a_message_of_any_size() -> None:
    """The daemon is trusted: its limits are for what others send to it."""
    ours, theirs = socket.socketpair()
    text = "x" * (BODY_LIMIT + 1)
    with ours, theirs:
        sender = threading.Thread(target=theirs.sendall, args=(frame(json.dumps(text).encode()),))
        sender.start()
        received: object = Connection(ours).receive()
        sender.join()
    assert received == text


def test_buildd_exec_starts_with_few_modules() -> None:
    """Each costs a part of a millisecond, and a warm `buildd exec` takes about thirty of them."""
    code = "import sys; before = set(sys.modules)\nimport buildd_cli.main, buildd_cli.commands.exec"
    code += "\nprint('\\n'.join(set(sys.modules) - before))"
    shown = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(shown.stdout.split())
    own = {name for name in loaded if re.match(r"buildd(_cli)?(\.|$)", name)}
    assert own == {
        "buildd",
        "buildd.base",
        "buildd.base.framing",
        "buildd.base.standard_streams",
        "buildd.errors",
        "buildd.paths",
        "buildd_cli",
        "buildd_cli.commands",
        "buildd_cli.commands.exec",
        "buildd_cli.c_modules",
        "buildd_cli.daemon",
        "buildd_cli.daemon.connection",
        "buildd_cli.daemon.lifecycle",
        "buildd_cli.directory",
        "buildd_cli.execution",
        "buildd_cli.execution.command",
        "buildd_cli.execution.pipes",
        "buildd_cli.execution.signals",
        "buildd_cli.main",
    }
    costly = {"asyncio", "importlib", "json", "re", "signal", "socket", "threading", "typing"}
    assert not loaded & costly
