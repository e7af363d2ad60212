"""The documents that an editor has open, as it has told of them, and what it has saved."""

from __future__ import annotations

from typing import Any

from buildd_cli.frames import Frame, Message, framed


class Documents:
    """What another daemon must know of them, and of the saves that had no answer yet."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}
        self._saved: dict[str, bytes] = {}
        """The newest save of each file, by URI, until work that was begun after it has ended."""
        self._work: dict[Any, dict[str, bytes]] = {}
        """By the token of each work that is under way: the saves that were there before it."""

    def heard(self, method: str, frame: Frame) -> None:
        """The editor said this."""
        if not method.startswith("textDocument/did"):
            return
        params = frame.message["params"]
        uri = params["textDocument"]["uri"]
        known = self._open.get(uri)
        if method == "textDocument/didOpen":
            self._open[uri] = Document(params["textDocument"])
        elif method == "textDocument/didClose":
            self._open.pop(uri, None)
        elif method == "textDocument/didSave":
            self._saved[uri] = frame.raw
            if known and params.get("text") is not None:
                known.is_now(params["text"])
        elif method == "textDocument/didChange" and known:
            known.change(frame)

    def work_created(self, token: Any) -> None:
        """Work comes to be shown; whatever was saved before is in it."""
        self._work[token] = dict(self._saved)

    def work_ended(self, token: Any) -> None:
        """The work is over: the saves that it was for are answered, unless more of it is under way
        for them, as where a newer run has taken its place."""
        for uri, save in self._work.pop(token, {}).items():
            is_left = any(one.get(uri) is save for one in self._work.values())
            if self._saved.get(uri) is save and not is_left:
                del self._saved[uri]

    def replay(self) -> list[bytes]:
        """What another daemon is told. A save is said again once: it may be what ends daemons."""
        saved, self._saved, self._work = self._saved, {}, {}
        opened = [raw for document in self._open.values() for raw in document.replay()]
        return opened + list(saved.values())


class Document:
    """An open one: its text when it was last whole, and the changes since."""

    def __init__(self, item: Message) -> None:
        self._item = item
        self._changes: list[bytes] = []
        self._version = item.get("version", 0)

    def is_now(self, text: str) -> None:
        """The whole of it is this."""
        self._item = {**self._item, "version": self._version, "text": text}
        self._changes = []

    def change(self, frame: Frame) -> None:
        """The editor told of a change."""
        params = frame.message["params"]
        self._version = params["textDocument"].get("version", self._version)
        changes = params["contentChanges"]
        if changes and "range" not in changes[-1]:
            self.is_now(changes[-1]["text"])
        else:
            self._changes.append(frame.raw)

    def replay(self) -> list[bytes]:
        """What opens it, and makes it as it is."""
        opening = {"method": "textDocument/didOpen", "params": {"textDocument": self._item}}
        return [framed(opening), *self._changes]
