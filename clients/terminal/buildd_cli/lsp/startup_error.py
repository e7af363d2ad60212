"""Tell an editor, in LSP, that there is no daemon to talk to."""

from __future__ import annotations

import os

from buildd.base.framing import CHUNK
from buildd.errors import REQUEST_FAILED
from buildd_cli.execution.pipes import write_all
from buildd_cli.lsp.framing import FrameReader, Message, encode

ERROR = 1
"""LSP's MessageType."""


def report_startup_error(text: str, source: int, target: int) -> None:
    """Answer every request with the error `text` until the editor sends `exit` or closes.

    `source` and `target` are the editor's descriptors. The user also gets a message, except in an
    editor that says that it shows the error of `initialize` itself (`showsErrors`).
    """
    reader = FrameReader()
    try:
        while data := os.read(source, CHUNK):
            for frame in reader.feed(data):
                if frame.message.get("method") == "exit":
                    return
                for answer in _answers(frame.message, text):
                    write_all(target, encode(answer))
            if reader.is_lost:
                return  # it does not speak LSP
    except OSError:
        return  # the editor has left


def _answers(message: Message, text: str) -> list[Message]:
    """Return what the editor is told after this message."""
    answers: list[Message] = []
    method = message.get("method")
    if method == "initialize" and not _shows_errors(message):
        shown = {"type": ERROR, "message": f"buildd: {text}"}
        answers.append({"method": "window/showMessage", "params": shown})
    if method and "id" in message:
        error = {"code": REQUEST_FAILED, "message": text, "data": {"retry": False}}
        outcome = {"result": None} if method == "shutdown" else {"error": error}
        answers.append({"id": message["id"], **outcome})
    return answers


def _shows_errors(message: Message) -> bool:
    params = message.get("params")
    options = params.get("initializationOptions") if isinstance(params, dict) else None
    return isinstance(options, dict) and options.get("showsErrors") is True
