"""The documents that an editor has open, and the saves that may not have been built yet."""

from __future__ import annotations

from typing import Any

from buildd_cli.lsp.framing import Frame, Message, encode


class OpenDocuments:
    """Keeps what the next daemon must know about the open documents and the newest saves."""

    def __init__(self) -> None:
        self._open: dict[str, OpenDocument] = {}
        self._saved: dict[str, bytes] = {}
        """The newest save of each file, by URI, until a run that started after it has ended."""
        self._saved_before: dict[Any, dict[str, bytes]] = {}
        """By the progress token of each run: the saves that came before the run."""

    def from_editor(self, method: str, frame: Frame) -> None:
        """Take in a notification of the editor."""
        if not method.startswith("textDocument/did"):
            return
        params = frame.message["params"]
        uri = params["textDocument"]["uri"]
        known = self._open.get(uri)
        if method == "textDocument/didOpen":
            self._open[uri] = OpenDocument(params["textDocument"])
        elif method == "textDocument/didClose":
            self._open.pop(uri, None)
        elif method == "textDocument/didSave":
            self._saved[uri] = frame.raw
            if known and params.get("text") is not None:
                known.set_text(params["text"])
        elif method == "textDocument/didChange" and known:
            known.change(frame)

    def progress_created(self, token: Any) -> None:
        """Take in the start of a run: it builds everything that was saved before."""
        self._saved_before[token] = dict(self._saved)

    def progress_ended(self, token: Any) -> None:
        """Take in the end of a run: its saves are built.

        They are not if another run that includes them goes on, as when a newer run has replaced it.
        """
        for uri, save in self._saved_before.pop(token, {}).items():
            is_in_other_run = any(saves.get(uri) is save for saves in self._saved_before.values())
            if self._saved.get(uri) is save and not is_in_other_run:
                del self._saved[uri]

    def replay(self) -> list[bytes]:
        """Return the messages for the next daemon.

        A save is repeated only once: building it may be what ends the daemon.
        """
        saved, self._saved, self._saved_before = self._saved, {}, {}
        opened = [raw for document in self._open.values() for raw in document.replay()]
        return opened + list(saved.values())


class OpenDocument:
    """One open document: its text when the editor last sent all of it, and the changes since."""

    def __init__(self, item: Message) -> None:
        self._item = item
        self._changes: list[bytes] = []
        self._version = item.get("version", 0)

    def set_text(self, text: str) -> None:
        """Replace the whole text."""
        self._item = {**self._item, "version": self._version, "text": text}
        self._changes = []

    def change(self, frame: Frame) -> None:
        """Take in a `textDocument/didChange`."""
        params = frame.message["params"]
        self._version = params["textDocument"].get("version", self._version)
        changes = params["contentChanges"]
        if changes and "range" not in changes[-1]:
            self.set_text(changes[-1]["text"])
        else:
            self._changes.append(frame.raw)

    def replay(self) -> list[bytes]:
        """Return the messages that open the document with its present text."""
        opening = {"method": "textDocument/didOpen", "params": {"textDocument": self._item}}
        return [encode(opening), *self._changes]
