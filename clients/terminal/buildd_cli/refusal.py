"""What an editor is told where there is no daemon to talk to: words, in its own protocol."""

from __future__ import annotations

import os

from buildd.base.framing import CHUNK
from buildd.errors import REQUEST_FAILED
from buildd_cli.frames import Frames, Message, framed
from buildd_cli.pumps import write_all

ERROR = 1
"""LSP's MessageType."""


def refuse_editor(text: str, source: int, target: int) -> None:
    """Answer `initialize` with an error and, but for an editor that shows that itself, a message
    for the user, and what follows likewise, until the editor says `exit` or closes."""
    frames = Frames()
    try:
        while data := os.read(source, CHUNK):
            for frame in frames.feed(data):
                if frame.message.get("method") == "exit":
                    return
                for answer in _answers(frame.message, text):
                    write_all(target, framed(answer))
            if frames.is_lost:
                return  # it does not speak LSP
    except OSError:
        return  # it has gone


def _answers(message: Message, text: str) -> list[Message]:
    """What the editor is told after this message of its."""
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
