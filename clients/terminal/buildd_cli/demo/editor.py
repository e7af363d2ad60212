"""An editor without a screen: opens files, saves them, and keeps the diagnostics it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from buildd.errors import BuilddError
from buildd_cli.connection import Connection

TIMEOUT = 120.0
"""Seconds that a save may take to show what it should."""

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}

Shown = list[dict[str, Any]]
"""Diagnostics as `buildd diagnostics --json` has them."""


class DemoEditor:
    """One session in LSP with one folder."""

    def __init__(self, connection: Connection, folder: str) -> None:
        self._connection = connection
        self._shown: dict[str, Shown] = {}
        connection.request(
            "initialize",
            processId=None,
            rootUri=_uri(folder),
            # Code points, as people count.
            capabilities={"general": {"positionEncodings": ["utf-32"]}},
        )
        connection.notify("initialized")

    def open(self, file: str) -> None:
        """Open a file as it is."""
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
        document = {"uri": _uri(file), "languageId": "c", "version": 1, "text": text}
        self._connection.notify("textDocument/didOpen", textDocument=document)

    def save_until(self, file: str, text: str, fits: Callable[[Shown], bool]) -> Shown:
        """Write the file, say so, and wait until what shows in it fits; what shows then. Raises
        BuilddError if that takes too long."""
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(text)
        # With the text, which is then what the editor holds.
        self._connection.notify("textDocument/didSave", textDocument={"uri": _uri(file)}, text=text)
        self._connection.socket.settimeout(TIMEOUT)
        try:
            while (message := self._connection.receive()) is not None:
                if self._take(message) == file and fits(self._shown[file]):
                    return self._shown[file]
        except TimeoutError:
            pass
        raise BuilddError(
            f"the diagnostics of {file} did not come to what they should be",
            "Run the demonstration with --keep, and look at the daemon's log.",
        )

    def _take(self, message: dict[str, Any]) -> str:
        """Keep what is published; the file it is for, or empty."""
        if message.get("method") != "textDocument/publishDiagnostics":
            return ""
        params = message["params"]
        file = unquote(params["uri"].removeprefix("file://"))
        self._shown[file] = [_as_wire(file, one) for one in params["diagnostics"]]
        return file


def _as_wire(file: str, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "file": file,
        **_numbers(one["range"]),
        "severity": _SEVERITIES[one["severity"]],
        "code": one.get("code") or "",
        "message": one["message"],
        "source": one.get("source", ""),
        "related": [
            {
                "file": unquote(note["location"]["uri"].removeprefix("file://")),
                **_numbers(note["location"]["range"]),
                "message": note["message"],
            }
            for note in one.get("relatedInformation") or ()
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
