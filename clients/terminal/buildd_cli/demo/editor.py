"""An editor without a screen: it opens and saves files, and keeps the diagnostics that it gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from buildd.errors import BuilddError
from buildd_cli.daemon.connection import Connection

TIMEOUT = 120.0
"""Seconds in which a save must show the expected diagnostics."""

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}

Shown = list[dict[str, Any]]
"""Diagnostics in the form of `buildd diagnostics --json`."""


class DemoEditor:
    """One LSP session for the folder `folder`."""

    def __init__(self, connection: Connection, folder: str) -> None:
        self._connection = connection
        self._shown: dict[str, Shown] = {}
        connection.request(
            "initialize",
            processId=None,
            rootUri=_uri(folder),
            # Columns in code points, as people count them.
            capabilities={"general": {"positionEncodings": ["utf-32"]}},
        )
        connection.notify("initialized")

    def open(self, file: str) -> None:
        """Open a file with the text that it has on the disk."""
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
        document = {"uri": _uri(file), "languageId": "c", "version": 1, "text": text}
        self._connection.notify("textDocument/didOpen", textDocument=document)

    def save_until(self, file: str, text: str, fits: Callable[[Shown], bool]) -> Shown:
        """Save the file with this text, and wait until its diagnostics satisfy `fits`.

        Returns them. Raises BuilddError after TIMEOUT seconds.
        """
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(text)
        # With the text, which then is what the editor holds.
        self._connection.notify("textDocument/didSave", textDocument={"uri": _uri(file)}, text=text)
        self._connection.socket.settimeout(TIMEOUT)
        try:
            while (message := self._connection.receive()) is not None:
                if self._take(message) == file and fits(self._shown[file]):
                    return self._shown[file]
        except TimeoutError:
            pass
        raise BuilddError(
            f"{file} did not get the expected diagnostics",
            "Run the demonstration with --keep, and read the daemon's log.",
        )

    def _take(self, message: dict[str, Any]) -> str:
        """Store published diagnostics; return the file that they are for, or an empty text."""
        if message.get("method") != "textDocument/publishDiagnostics":
            return ""
        params = message["params"]
        file = unquote(params["uri"].removeprefix("file://"))
        self._shown[file] = [_as_wire(file, diagnostic) for diagnostic in params["diagnostics"]]
        return file


def _as_wire(file: str, diagnostic: dict[str, Any]) -> dict[str, Any]:
    return {
        "file": file,
        **_numbers(diagnostic["range"]),
        "severity": _SEVERITIES[diagnostic["severity"]],
        "code": diagnostic.get("code") or "",
        "message": diagnostic["message"],
        "source": diagnostic.get("source", ""),
        "related": [
            {
                "file": unquote(note["location"]["uri"].removeprefix("file://")),
                **_numbers(note["location"]["range"]),
                "message": note["message"],
            }
            for note in diagnostic.get("relatedInformation") or ()
        ],
    }


def _numbers(covered: dict[str, Any]) -> dict[str, int]:
    start, end = covered["start"], covered["end"]
    return {
        "line": start["line"] + 1,
        "column": start["character"] + 1,
        "endLine": end["line"] + 1,
        "endColumn": end["character"] + 1,
    }


def _uri(path: str) -> str:
    return "file://" + quote(path)
