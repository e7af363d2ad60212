"""A client that asks for too much gets an error that names the limit, and delays nobody else."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any

import pytest

from buildd.config import load
from buildd.lsp import documents, opened
from buildd.server import session
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon

pytestmark = pytest.mark.ways("socket", "in-process")

Requests = Callable[[Client], object]

NOWHERE = {"uri": "file:///nowhere"}
PLACE = {"line": 0, "character": 0}


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


def initialize(client: Client, **parameters: Any) -> None:
    given = {"processId": None, "rootUri": None, "capabilities": {}, **parameters}
    client.request("initialize", **given)
    client.notify("initialized")


def folders(count: int) -> list[dict[str, str]]:
    return [{"uri": f"file:///nowhere/{number}", "name": "x"} for number in range(count)]


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("initialize", {"workspaceFolders": folders(session.VALUES_LIMIT)}),
        ("initialize", {"initializationOptions": [{}] * session.VALUES_LIMIT}),
        ("buildd/hello", {"variables": dict.fromkeys(map(str, range(session.VALUES_LIMIT)), "x")}),
        ("buildd/status", {"project": ["/"] * session.VALUES_LIMIT}),
    ],
)
def test_values(client: Client, method: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=f"more than {session.VALUES_LIMIT} values") as caught:
        client.request(method, **parameters)
    assert caught.value.code == -32600
    assert client.request("buildd/hello", version="0", build=0)["protocol"] == 1


def test_a_long_text_is_one_value(client: Client) -> None:
    initialize(client)
    document = {"uri": "file:///nowhere/a.json", "languageId": "json", "version": 1}
    text = '{"a": [1, 2, 3]},\\\n' * session.VALUES_LIMIT
    client.notify("textDocument/didOpen", textDocument={**document, "text": text})
    assert client.request("textDocument/codeLens", textDocument=document) in ([], None)
    assert not [seen for seen in client.seen if "error" in seen]


@pytest.mark.parametrize("name", ["initialize", "workspace/didChangeWorkspaceFolders"])
def test_folders(client: Client, name: str) -> None:
    many = folders(opened.FOLDERS_LIMIT + 10)
    if name == "initialize":
        initialize(client, workspaceFolders=many)
    else:
        initialize(client)
        client.notify(name, event={"added": many[:5], "removed": []})
        client.notify(name, event={"added": many, "removed": []})
    assert f"more than {opened.FOLDERS_LIMIT} folders" in warning(client)


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, path: client.request("buildd/status", project=path),
        lambda client, path: client.request("buildd/run", project=path, task="build"),
        lambda client, path: client.request("buildd/events", project=path),
    ],
)
def test_a_path_of_many_parts(client: Client, ask: Callable[[Client, str], object]) -> None:
    with pytest.raises(ClientError, match=f"more than {load.PATH_LIMIT} bytes") as caught:
        ask(client, "/" + "a/" * 50_000)
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    "text", ["x" * (documents.DOCUMENT_LIMIT + 1), "😀" * (documents.DOCUMENT_LIMIT + 1)]
)
def test_a_long_document(client: Client, text: str) -> None:
    initialize(client)
    open_document(client, 1, text)
    assert f"more than {documents.DOCUMENT_LIMIT >> 20} Mi characters" in warning(client)


def test_a_document_that_grows(client: Client) -> None:
    initialize(client)
    open_document(client, 1, "x\n" * (documents.DOCUMENT_LIMIT // 2))
    change(client, 1, [{"range": {"start": PLACE, "end": PLACE}, "text": "x"}])
    assert f"more than {documents.DOCUMENT_LIMIT >> 20} Mi characters" in warning(client)
    # It is not known any more, which no change may mind.
    change(client, 1, [{"range": {"start": PLACE, "end": PLACE}, "text": "x"}])
    client.request("textDocument/codeLens", textDocument=NOWHERE)


@pytest.mark.parametrize(
    ("count", "size", "said"),
    [
        (documents.DOCUMENTS_LIMIT + 1, 1, f"more than {documents.DOCUMENTS_LIMIT} documents"),
        (
            documents.TEXTS_LIMIT // documents.DOCUMENT_LIMIT + 1,
            documents.DOCUMENT_LIMIT,
            f"more than {documents.TEXTS_LIMIT >> 20} Mi characters",
        ),
    ],
)
def test_many_documents(client: Client, count: int, size: int, said: str) -> None:
    initialize(client)
    for number in range(count):
        open_document(client, number, "x" * size)
    assert said in warning(client)


@pytest.mark.parametrize(
    ("text", "added", "count"),
    [
        pytest.param("x" * (documents.DOCUMENT_LIMIT // 2), "é", 200, id="one line"),
        pytest.param("x\n" * (documents.DOCUMENT_LIMIT // 4), "é\n", 2000, id="many lines"),
    ],
)
def test_many_changes_delay_nobody_else(
    client: Client, daemon: Daemon, text: str, added: str, count: int
) -> None:
    initialize(client)
    other = daemon.connect()
    open_document(client, 1, text)
    client.request("textDocument/codeLens", textDocument=NOWHERE)
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
    change(client, 1, [{"range": place, "text": added}] * count)
    last = client.start("textDocument/codeLens", textDocument=NOWHERE)
    other.request("buildd/hello", version="0", build=0)
    assert not select.select([client.socket], [], [], 0)[0], "the changes were made first"
    client.result(last)


@pytest.mark.ways("socket")
def test_a_flood_of_documents_makes_few_tasks(client: Client, daemon: Daemon) -> None:
    initialize(client)
    other = daemon.connect()
    before = other.request("buildd/status")["memory"]
    for number in range(20_000):
        client.notify("textDocument/didSave", textDocument={"uri": f"file:///nowhere/{number}"})
    client.request("textDocument/codeLens", textDocument=NOWHERE)
    assert other.request("buildd/status")["memory"] - before < 50 << 20


def open_document(client: Client, number: int, text: str) -> None:
    document = {"uri": f"file:///nowhere/{number}", "languageId": "c", "version": 1, "text": text}
    client.notify("textDocument/didOpen", textDocument=document)


def change(client: Client, number: int, changes: list[dict[str, Any]]) -> None:
    document = {"uri": f"file:///nowhere/{number}", "version": 2}
    client.notify("textDocument/didChange", textDocument=document, contentChanges=changes)


def warning(client: Client) -> str:
    """The warning that the editor is shown; there is only one."""
    client.request("textDocument/codeLens", textDocument=NOWHERE)
    shown = [one for one in client.seen if one.get("method") == "window/showMessage"]
    assert len(shown) == 1, client.seen[:5]
    return str(shown[0]["params"]["message"])
