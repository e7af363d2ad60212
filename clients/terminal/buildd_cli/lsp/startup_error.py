"""Tell an editor, in LSP, that there is no daemon to talk to."""

from __future__ import annotations

import json
import os
from typing import Any, BinaryIO

REQUEST_FAILED = -32803
ERROR = 1
"""LSP's MessageType."""


def report_startup_error(text: str, source: int, target: int) -> None:
    """Answer every request with the error `text` until the editor sends `exit` or closes.

    `source` and `target` are the editor's descriptors. The user also gets a message, except in an
    editor that says that it shows the error of `initialize` itself (`showsErrors`).
    """
    with (
        os.fdopen(source, "rb", closefd=False) as reader,
        os.fdopen(target, "wb", closefd=False) as writer,
    ):

        def send(**message: Any) -> None:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            writer.flush()

        error = {"code": REQUEST_FAILED, "message": text, "data": {"retry": False}}
        try:
            while length := _content_length(reader):
                message = json.loads(reader.read(length))
                method = message.get("method")
                if method == "exit":
                    return
                if method == "initialize" and not _shows_errors(message):
                    shown = {"type": ERROR, "message": f"buildd: {text}"}
                    send(method="window/showMessage", params=shown)
                if method == "shutdown":
                    send(id=message["id"], result=None)
                elif "id" in message and method:
                    send(id=message["id"], error=error)
        except (OSError, ValueError):
            return  # the editor has left, or does not speak LSP


def _shows_errors(message: dict[str, Any]) -> bool:
    options = (message.get("params") or {}).get("initializationOptions")
    return isinstance(options, dict) and options.get("showsErrors") is True


def _content_length(reader: BinaryIO) -> int:
    """Return the length of the next message's body; 0 at the end of the input."""
    length = 0
    while line := reader.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length
