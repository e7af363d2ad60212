"""What a session held is released when it ends."""

from __future__ import annotations

import gc
import os

import pytest
from pygls.workspace import TextDocument

from buildd.lsp.client import LspClient
from buildd.lsp.language_server import UncachedProtocol
from tests.support.daemon import Daemon, wait_until

SESSIONS = 50
SIZE = 1 << 20


@pytest.mark.ways("in-process")
def test_an_ended_session_releases_its_documents(daemon: Daemon, directory: str) -> None:
    with os.fdopen(os.open(f"{directory}/a.c", os.O_CREAT | os.O_WRONLY), "w") as file:
        file.write("int a;\n")
    before = texts()
    for _ in range(SESSIONS):
        session(daemon, directory)
    other = daemon.connect()
    wait_until(lambda: other.request("buildd/status")["sessions"] == 1)
    # The texts at once, without the garbage collector, which may not come for long.
    assert texts() - before < 3 * SIZE
    gc.collect()
    wait_until(lambda: not held())
    other.close()


def session(daemon: Daemon, directory: str) -> None:
    """One editor, which opens a large file and leaves."""
    client = daemon.connect()
    client.request("initialize", processId=None, rootUri=None, capabilities={})
    client.notify("initialized")
    document = {"uri": f"file://{directory}/a.c", "languageId": "c", "version": 1}
    client.notify("textDocument/didOpen", textDocument={**document, "text": "x" * SIZE})
    client.request("textDocument/codeLens", textDocument=document)
    client.close()


def texts() -> int:
    """The characters of all documents that are in memory."""
    documents = (held for held in gc.get_objects() if isinstance(held, TextDocument))
    return sum(len(document._source or "") for document in documents)


def held() -> list[object]:
    """The objects of ended sessions."""
    gc.collect()
    return [found for found in gc.get_objects() if isinstance(found, LspClient | UncachedProtocol)]
