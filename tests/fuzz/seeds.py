"""What the fuzzing of each target begins with: what the other tests have of its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from buildd.base.framing import frame
from buildd.config import schema
from buildd.parsers import kinds
from buildd.protocol import METHODS
from tests.parsers import captured

TESTS = Path(__file__).parent.parent

SMALL = 4096
"""Bytes of a seed at most: mutations of a long one seldom meet anything."""


def seeds(target: str) -> Iterator[bytes]:
    """Some inputs of a target."""
    match target:
        case "framing":
            yield b"\x03" + frame(b"{}") + frame(b"[]")
            yield b"\xffX-Other: 1\nCONTENT-LENGTH:2\n\n{}"
        case "decoding":
            yield from _conversations()
        case "configuration":
            for number, kind in enumerate(("errors/*.toml", "foreign/dev*", "foreign/dock*")):
                for file in TESTS.glob(f"config/{kind}"):
                    yield b"%d" % number + file.read_bytes()[:SMALL]
            yield b"0" + (TESTS / "config/example.toml").read_bytes()
        case "parsers":
            for name in captured.logs():
                yield b"\x80" + captured.log(name)[:SMALL]
        case "matchers":
            for file in TESTS.glob("matchers/errorformat/*.efm"):
                yield file.read_bytes().strip() + b"\n\n" + file.with_suffix(".log").read_bytes()
            yield b"$tsc\n\na.ts(1,2): error TS1: x"
            for case in json.loads((TESTS / "matchers/javascript/cases.json").read_text("utf-8")):
                pattern = {"regexp": case["pattern"], "file": 1, "message": 2}
                matcher = {"pattern": [pattern, {"regexp": "^(x)$", "message": 1, "loop": True}]}
                yield json.dumps(matcher).encode() + b"\n\na.c:1:2: error: x"
        case "definition":
            yield from map(str.encode, _DOCKERFILES)
        case "status_pipe":
            yield b"\x09started 17\nexit 3\n0m0.10s 0m0.20s\n1m2.500000s 0m0.25s\n"
            yield b"\x30ready 17 yes\nswept run_0123456789ab_1_ 4\nprobed run_0123456789ab_1_\n"
        case "terminal":
            for case in json.loads((TESTS / "escape_sequences.json").read_text("utf-8")):
                yield b"\x10" + case["output"].encode()


def words(target: str) -> Iterator[str]:
    """Words that it may care for, to be put in."""
    match target:
        case "parsers":
            yield from sorted({hint for kind in kinds() for hint in kind.HINTS} - {""})
        case "matchers":
            yield from ("%f", "%l", "%c", "%m", "%E", "%C", "%Z", "%-G", "%.%#", "%\\\\(", "%[a-z]")
        case "configuration":
            yield from sorted(set(re.findall(r'"([a-zA-Z-]+)":', schema.text())))
        case "definition":
            yield from ("FROM ", "COPY ", "ADD ", "ARG ", "ENV ", "ONBUILD ", "RUN --mount=type=")
            yield from ("--from=", "--parents", "--exclude=", "<<EOF", "\nEOF\n", "${", ":-", ":+")
        case "terminal":
            yield from ("\x1b[", "\x1b]", "\x1bP", "\x07", "\x1b\\", "\x9b", "0m", "K")
        case "status_pipe":
            yield from (
                "started ",
                "exit ",
                "0m0.0s ",
                "ready ",
                "swept ",
                "probed ",
                "run_1_",
                "\n",
            )
        case "framing":
            yield from ("Content-Length: ", "content-length", "\r\n\r\n", "\n\n")
        case "decoding":
            yield from METHODS
            yield from ("initialize", "shutdown", "exit", "$/cancelRequest", "textDocument/didOpen")


def _conversations() -> Iterator[bytes]:
    opening = [_message("initialize", 1, capabilities={}, rootUri="file:///nowhere")]
    opening.append(_message("initialized"))
    document = {"uri": "file:///nowhere/a.c", "languageId": "c", "version": 1, "text": "int\n"}
    place = {"textDocument": document, "position": {"line": 0, "character": 1}}
    for method, params in (
        ("textDocument/didOpen", {"textDocument": document}),
        ("textDocument/didSave", {"textDocument": document}),
        ("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": ""}]}),
        ("textDocument/hover", place),
        ("textDocument/codeLens", place),
        ("textDocument/diagnostic", place),
        ("workspace/executeCommand", {"command": "buildd.run", "arguments": ["build"]}),
        ("$/cancelRequest", {"id": 1}),
        ("shutdown", {}),
    ):
        yield b"\n".join([*opening, _message(method, 2, **params)])
    for method in METHODS:
        yield _message(method, 2, project="/nowhere", task="build")


def _message(method: str, number: int | None = None, **params: Any) -> bytes:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message if number is None else {**message, "id": number}).encode()


_DOCKERFILES = (
    "# syntax=docker/dockerfile:1\nARG VERSION=1\nFROM a:${VERSION:-2} AS tools\nCOPY --from=b c /",
    'FROM a\nADD ["a b", "c,d", "/x/"]\nENV A=b "C=d e"\nCOPY ${A}/[ab]?.h "$C" /x/\n',
    "# escape=`\nFROM a\nRUN --mount=type=bind,source=s,target=/t <<EOF\nx\nEOF\nADD c `\n  d:\\\n",
    "FROM a AS b\nONBUILD COPY --parents --exclude=*.o src/**/x /y\nFROM b\nCOPY <<-'E' /x\n\tE\n",
)
