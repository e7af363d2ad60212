"""What is bounded: beyond it comes an error that names the limit, and nobody else is harmed."""

from __future__ import annotations

import base64
import os
import re
import socket
import sys
from collections.abc import Callable

import pytest

from buildd.base import framing, logs
from buildd.config import load
from buildd.lsp import documents, opened
from buildd.output import carry_over, run_log
from buildd.parsers import report
from buildd.runs import project_runs, store
from buildd.server import server, session
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.leftovers import held_now, nothing_is_left
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.ways

Make = Callable[..., ProjectFiles]

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


def limits(page: str) -> dict[str, str]:
    """The rows of a page's tables that have a name and a number."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        rows = dict(re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", file.read()))
    return {name: value for name, value in rows.items() if value.strip()[0].isdigit()}


def test_the_manual_has_the_same_limits() -> None:
    shown = limits("docs/limits.md")
    table = limits("protocol.md")
    assert len(shown.keys() & table.keys()) >= 9
    assert {name: table[name] for name in shown if name in table}.items() <= shown.items()


def test_every_limit_is_in_the_table_of_limits() -> None:
    assert limits("protocol.md") == {
        "headers of one message": f"{framing.HEADER_LIMIT >> 10} KiB",
        "body of one message": f"{framing.BODY_LIMIT >> 20} MiB",
        "values of one message": f"{session.VALUES_LIMIT:,}".replace(",", " "),
        "nesting of one message": f"{session.NESTING_LIMIT} levels, less a few",
        "requests of one session under way": str(session.REQUESTS_LIMIT),
        "sessions": str(server.SESSIONS_LIMIT),
        "a path": f"{load.PATH_LIMIT} bytes",
        "folders of one editor": str(opened.FOLDERS_LIMIT),
        "one open document": f"{documents.DOCUMENT_LIMIT >> 20} Mi characters",
        "open documents of one editor": (
            f"{documents.DOCUMENTS_LIMIT}, with {documents.TEXTS_LIMIT >> 20} Mi characters"
        ),
        "unread by the client": f"{session.WRITE_LIMIT >> 20} MiB",
        "runs of one task": "1, and 1 that waits",
        "ad-hoc runs of one project": str(project_runs.ADHOC_LIMIT),
        "stored output of one run": f"{run_log.OUTPUT_LIMIT >> 20} MiB",
        "diagnostics of one run, and tests": f"{report.LIMIT:,}".replace(",", " "),
        "one message or rendered text of a tool": f"{report.TEXT_LIMIT >> 10} KiB",
        "stored runs of one task": f"{store.KEPT_RUNS}, with output {store.KEPT_OUTPUTS}",
        "stored runs of one project": f"{store.STORE_LIMIT >> 30} GiB",
        "logs of runs broken off that the next one reads again": (
            f"{carry_over.READ_LIMIT >> 20} MiB"
        ),
        "the daemon's log": f"{4 * logs.SIZE >> 20} MiB",
    }


@pytest.mark.parametrize("method", ["buildd/status", "initialize", "textDocument/hover"])
def test_nesting(client: Client, method: str) -> None:
    depth = sys.getrecursionlimit() + 1
    deep = b"[" * depth + b"]" * depth
    client.send_raw(b'{"jsonrpc":"2.0","id":1,"method":"%b","params":%b}' % (method.encode(), deep))
    answer = client.receive()
    assert answer
    assert answer["error"]["code"] == -32700
    assert f"the limit is {session.NESTING_LIMIT} levels" in answer["error"]["message"]
    assert client.request("buildd/hello", version="0", build=0)["protocol"] == 1


@pytest.mark.parametrize("method", ["initialize", "buildd/status"])
def test_nesting_that_just_may_be(client: Client, method: str) -> None:
    """Whatever then goes deeper by a few levels: the session goes on."""
    for depth in range(sys.getrecursionlimit() - 60, sys.getrecursionlimit()):
        deep = b"[" * depth + b"]" * depth
        body = b'{"jsonrpc":"2.0","id":%d,"method":"%b","params":{"capabilities":{},' % (
            depth,
            method.encode(),
        )
        client.send_raw(body + b'"initializationOptions":' + deep + b"}}")
    assert client.request("buildd/hello", version="0", build=0)["protocol"] == 1


def test_requests_of_a_session(client: Client, daemon: Daemon) -> None:
    for number in range(session.REQUESTS_LIMIT):
        client.send({"id": f"e{number}", "method": "buildd/events", "params": {}})
    with pytest.raises(ClientError, match=f"^{session.REQUESTS_LIMIT} requests") as caught:
        client.request("buildd/status")
    assert caught.value.code == -32008
    assert daemon.connect().request("buildd/status")["sessions"] == 2
    client.notify("$/cancelRequest", id="e0")
    client.wait_for(lambda one: one.get("id") == "e0")
    assert client.request("buildd/status")["sessions"] == 2


@pytest.mark.parametrize("method", ["textDocument/didClose", "workspace/didDeleteFiles"])
def test_notifications_are_no_requests(client: Client, method: str) -> None:
    client.request("initialize", processId=None, rootUri=None, capabilities={})
    document = {"uri": "file:///nowhere"}
    for _ in range(session.REQUESTS_LIMIT + 1):
        client.notify(method, textDocument=document, files=[document])
    client.request("textDocument/codeLens", textDocument=document)


@pytest.mark.ways("socket", "in-process")
def test_sessions(client: Client, daemon: Daemon) -> None:
    client.request("buildd/status")
    before = held_now(daemon)
    crowd = [daemon.connect() for _ in range(server.SESSIONS_LIMIT - 1)]
    crowd[-1].request("buildd/status")
    late = daemon.connect()
    refusal = late.receive()
    assert refusal
    assert refusal["error"]["code"] == -32008
    assert refusal["error"]["message"].startswith(f"{server.SESSIONS_LIMIT} clients are connected")
    assert late.receive() is None
    for one in crowd:
        one.close()
    wait_until(lambda: client.request("buildd/status")["sessions"] == 1)
    nothing_is_left(daemon, before)


@pytest.mark.ways("socket")
def test_a_command_that_is_one_too_many_says_so(
    daemon: Daemon, command: Callable[..., object]
) -> None:
    crowd = [daemon.connect() for _ in range(server.SESSIONS_LIMIT)]
    crowd[-1].request("buildd/status")
    failed = command("status")
    assert getattr(failed, "returncode", 0) == 125
    assert f"{server.SESSIONS_LIMIT} clients are connected" in getattr(failed, "stderr", "")


def test_ad_hoc_runs(make_project: Make, daemon: Daemon, client: Client) -> None:
    made = make_project({"buildd.toml": ""})
    parameters = {"project": made.path, "directory": made.path, "command": ["true"], "stdin": False}
    client.request("buildd/up", project=made.path)
    before = held_now(daemon)
    sessions = [daemon.connect() for _ in range(2)]
    # Nobody opens their pipes: they wait.
    for number in range(project_runs.ADHOC_LIMIT):
        sessions[number % 2].start("buildd/exec", **parameters)
    for one in sessions:
        one.request("buildd/status")
    with pytest.raises(ClientError, match=f"^{project_runs.ADHOC_LIMIT} commands run in") as caught:
        client.request("buildd/exec", **parameters)
    assert caught.value.code == -32008
    assert "buildd cancel" in caught.value.remedy
    for one in sessions:
        one.close()
    wait_until(lambda: client.request("buildd/status")["runs"] == 0)
    nothing_is_left(daemon, before)


@pytest.mark.ways("socket", "lsp")
def test_a_gigabyte_that_one_client_does_not_read(
    make_project: Make, daemon: Daemon, client: Client
) -> None:
    """Case 7: the run and others go on, the daemon stays small, and what is cut off is named."""
    script = "echo on; head -c 1073741824 /dev/zero"
    made = make_project({"buildd.toml": f'[tasks.build]\nrun = "{script}"\n'})
    other = daemon.connect()
    other.request("buildd/up", project=made.path)
    before = other.request("buildd/status")["memory"]
    held = held_now(daemon)
    number = client.start("buildd/run", project=made.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/output")

    def last() -> dict[str, object]:
        (shown,) = other.request("buildd/status")["projects"]
        assert other.request("buildd/status")["memory"] - before < 100 << 20
        found: dict[str, object] = shown["tasks"][0].get("last") or {}
        return found

    wait_until(lambda: last().get("state") == "finished", 60)
    end = b""
    while (message := client.receive()) and message.get("id") != number:
        if message.get("method") == "buildd/output":
            end = (end + base64.b64decode(message["params"]["data"]))[-200:]
    assert b"bytes of output beyond 268435456 are not stored]" in end
    assert message
    assert message["result"]["run"]["outputBytes"] - run_log.OUTPUT_LIMIT < 200
    nothing_is_left(daemon, held)


@pytest.mark.ways("socket", "in-process")
def test_a_client_that_reads_nothing_at_all_is_left(client: Client, daemon: Daemon) -> None:
    """Answers that nobody fetches pile up to the limit and no further."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    other = daemon.connect()
    before = other.request("buildd/status")["memory"]
    body = b'{"jsonrpc":"2.0","id":1,"method":"buildd/%b"}' % (b"x" * (1 << 20))
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        client.socket.sendall((b"Content-Length: %d\r\n\r\n%b" % (len(body), body)) * 200)
    wait_until(lambda: other.request("buildd/status")["sessions"] == 1)
    assert other.request("buildd/status")["memory"] - before < 160 << 20
