"""Sessions: rubbish on the wire harms its sender only."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable

import pytest

from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, listens, wait_until

pytestmark = pytest.mark.ways

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "buildd/hello",
    "params": {"version": "0", "build": 0},
}


@pytest.mark.ways("socket", "in-process")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"\xfc": 1}}', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "buildd/status", "params": {"\xfc": 1}}', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"\\ud800": 1}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "buildd/status", "params": ["\\ud800"]}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": "\\ud800', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": ' + b"[" * 100_000, -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": "', -32700),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "buildd/status"}]', -32600),
        (b"null", -32600),
        (b'"x"', -32600),
        (b'{"jsonrpc": "2.0", "id": [1], "method": "buildd/status"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "buildd/status"}', -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "buildd/status"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 5}', -32600),
        (b"[]", -32600),
        (b"5", -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "x"}', -32600),
        (b'{"id": 1, "method": "buildd/status"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "buildd/nothing"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "buildd/run", "params": {"project": 5}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "buildd/run", "params": []}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover"}', -32002),
        (
            b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": 5}}',
            -32602,
        ),
    ],
)
def test_a_message_that_is_wrong_gets_an_error_and_the_session_goes_on(
    client: Client, body: bytes, code: int
) -> None:
    client.send_raw(body)
    answer = client.receive()
    assert answer is not None
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]
    assert client.request("buildd/hello", version="0", build=0)["protocol"] == 1


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 99999999999999\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"X: 1\r\n\r\n",
        b"X: " + b"y" * 100_000,
        (b"X: " + b"y" * 1000 + b"\r\n") * 20,
    ],
    ids=["huge", "negative", "5000 digits", "no number", "none", "endless", "many"],
)
def test_framing_that_is_lost_ends_this_session_with_a_reason(
    client: Client, daemon: Daemon, head: bytes
) -> None:
    other = daemon.connect()
    client.socket.sendall(head)
    answer = client.receive()
    assert answer is not None
    assert answer["error"]["code"] == -32600
    assert client.receive() is None
    assert other.request("buildd/hello", version="0", build=0)["protocol"] == 1


@pytest.mark.parametrize(
    "head", [b"content-length: %d\n\n", b"X-Other: 1\r\nCONTENT-LENGTH:%d\r\n\r\n"]
)
def test_odd_headers_are_understood(client: Client, head: bytes) -> None:
    body = json.dumps(HELLO).encode()
    client.socket.sendall(head % len(body) + body)
    assert client.result(1)["protocol"] == 1


def test_a_message_in_single_bytes_is_understood(client: Client, daemon: Daemon) -> None:
    """After each byte another client asks, and is answered: however slow it comes."""
    other = daemon.connect()
    body = json.dumps(HELLO).encode()
    for byte in b"Content-Length: %d\r\n\r\n%b" % (len(body), body):
        client.socket.sendall(bytes([byte]))
        assert other.request("buildd/status")["sessions"] == 2
    assert client.result(1)["protocol"] == 1


@pytest.mark.ways("socket", "in-process")
def test_headers_and_bodies_that_never_end_hold_up_nobody(daemon: Daemon) -> None:
    """They cost no more than clients that say nothing, and end with their connections."""
    pieces = [b"C", b"Content-Length: 9\r\n", b"Content-Length: 9\r\n\r\n{"]
    slow = [daemon.connect() for _ in range(30)]
    for number, client in enumerate(slow):
        client.socket.sendall(pieces[number % 3])
    other = daemon.connect()
    assert other.request("buildd/hello", version="0", build=0)["protocol"] == 1
    assert other.request("buildd/status")["sessions"] == len(slow) + 1
    for client in slow:
        client.close()
    wait_until(lambda: other.request("buildd/status")["sessions"] == 1)


def test_a_truncated_message_harms_nobody(client: Client, daemon: Daemon) -> None:
    client.socket.sendall(b"Content-Length: 500\r\n\r\n{")
    client.close()
    other = daemon.connect()
    wait_until(lambda: other.request("buildd/status")["sessions"] == 1)


def test_exit_ends_the_session_and_not_the_daemon(client: Client, daemon: Daemon) -> None:
    client.request("initialize", capabilities={})
    client.request("shutdown")
    client.notify("exit")
    assert client.receive() is None
    other = daemon.connect()
    wait_until(lambda: other.request("buildd/status")["sessions"] == 1)


@pytest.mark.ways("socket")
def test_socket_and_directory_are_private(daemon: Daemon, client: Client) -> None:
    directory = os.path.dirname(daemon.socket_path)
    assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(daemon.socket_path).st_mode) == 0o600


@pytest.mark.ways("socket")
def test_stop_is_refused_while_something_runs_unless_forced(daemon: Daemon, client: Client) -> None:
    client.request("buildd/stop")
    wait_until(lambda: not os.path.exists(daemon.socket_path))
    assert daemon.process
    assert daemon.process.wait(TIMEOUT) == 0


@pytest.mark.ways("socket")
def test_a_stale_socket_is_replaced(daemon: Daemon) -> None:
    os.makedirs(os.path.dirname(daemon.socket_path), mode=0o700)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(daemon.socket_path)
    stale.close()
    daemon.start()
    assert listens(daemon.socket_path)


@pytest.mark.ways("socket")
@pytest.mark.parametrize("what", ["removed", "replaced", "with its lock", "the whole directory"])
def test_a_socket_that_is_taken_away_is_made_anew(
    daemon: Daemon, client: Client, command: Command, what: str
) -> None:
    """Case 23: as a cleaner of temporary files does. Who was connected notices nothing."""
    pid = client.request("buildd/status")["pid"]
    if what == "the whole directory":
        shutil.rmtree(os.path.dirname(daemon.socket_path))
    else:
        os.unlink(daemon.socket_path)
    if what == "replaced":
        other = socket.socket(socket.AF_UNIX)
        other.bind(daemon.socket_path)
        other.close()
    if what == "with its lock":
        os.unlink(os.path.join(os.path.dirname(daemon.socket_path), "daemon.lock"))
    wait_until(lambda: listens(daemon.socket_path))
    assert json.loads(command("status", "--json").stdout)["pid"] == pid
    assert client.request("buildd/status")["pid"] == pid
    assert stat.S_IMODE(os.stat(daemon.socket_path).st_mode) == 0o600


@pytest.mark.ways("socket")
def test_a_client_that_comes_while_the_socket_is_away_waits_for_it(
    daemon: Daemon, client: Client, command: Command
) -> None:
    pid = client.request("buildd/status")["pid"]
    os.unlink(daemon.socket_path)
    assert json.loads(command("status", "--json").stdout)["pid"] == pid
    daemon.stop()
    assert not listens(daemon.socket_path), "nothing that the command had started comes up now"


@pytest.mark.ways("socket")
def test_one_that_was_displaced_leaves(daemon: Daemon, client: Client, command: Command) -> None:
    first = client.request("buildd/status")["pid"]
    shutil.rmtree(os.path.dirname(daemon.socket_path))
    second = json.loads(command("status", "--json").stdout)["pid"]
    if second != first:  # it was quicker than the first one's look
        assert client.receive() is None
    assert json.loads(command("status", "--json").stdout)["pid"] == second


@pytest.mark.ways("socket")
def test_it_leaves_when_it_has_been_idle(daemon: Daemon) -> None:
    daemon.environment["BUILDD_IDLE_TIMEOUT"] = "0.2"
    client = daemon.connect()
    client.request("buildd/status")
    client.close()
    assert daemon.process
    assert daemon.process.wait(TIMEOUT) == 0
    assert not os.path.exists(daemon.socket_path)
