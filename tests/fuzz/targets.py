"""What is promised of any bytes at each place where others' bytes come in: a function each, which
raises where the promise is broken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from unittest import mock

from buildd.base.framing import BODY_LIMIT, HEADER_LIMIT, frame, read_message
from buildd.config.daemon_settings import settings
from buildd.config.load import check
from buildd.config.trust.consent import digest
from buildd.config.trust.grants import grants
from buildd.config.trust.summary import summary
from buildd.engines.image_definition import dockerfile
from buildd.engines.image_definition.copied_files import taken
from buildd.errors import ProtocolError
from buildd.matchers import MatcherError, make, matchers_of_tasks_json
from buildd.parsers.log import Log
from buildd.server import methods
from buildd.server.listen import ListeningSocket
from buildd.server.server import Server
from buildd.server.session import Session
from buildd_cli.visible import Visible
from tests.parsers import captured

Target = Callable[[bytes], None]


def framing(data: bytes) -> None:
    """A message, the end, or a refusal, in finite time; however the bytes are cut. The first one
    says how."""
    size = data[0] + 1 if data else 1

    async def all_of_it() -> int:
        reader = asyncio.StreamReader(limit=HEADER_LIMIT)
        feeding = asyncio.create_task(feed(reader))
        length = 0
        try:
            while (body := await read_message(reader)) is not None:
                length += len(body)
        finally:
            await feeding
        return length

    async def feed(reader: asyncio.StreamReader) -> None:
        for start in range(1, len(data), size):
            reader.feed_data(data[start : start + size])
            await asyncio.sleep(0)
        reader.feed_eof()

    with contextlib.suppress(ProtocolError):
        assert asyncio.run(all_of_it()) <= min(len(data), BODY_LIMIT)


def decoding(data: bytes) -> None:
    """One session's messages, a line each: whatever they are, the session says nothing of a failure
    of its own, and what it says is JSON. What custom methods would do is left out."""
    with mock.patch.dict(methods.HANDLERS, dict.fromkeys(methods.HANDLERS, _nothing)), _state():
        for message in asyncio.run(_conversation(data.split(b"\n"))):
            error = message.get("error") or {}
            assert error.get("code") != -32603, message


def configuration(data: bytes) -> None:
    """A project that can be shown, or errors that name their place. The first byte says in which
    file the rest is."""
    name = CONFIGURATIONS[data[0] % len(CONFIGURATIONS)] if data else CONFIGURATIONS[0]
    content = data[1:]
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, name)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        project, errors = check(directory)
        lines = len(re.findall(rb"\r\n|\r|\n", content)) + 1
        assert bool(project) != bool(errors)
        for error in errors:
            assert error.message
            assert 1 <= error.line <= lines, error
            assert error.column >= 1, error
        if project:
            assert all(line.isprintable() for line in summary(project))
            assert all(grant.detail.isprintable() for grant in grants(project))
            assert digest(project)


CONFIGURATIONS = ("buildd.toml", ".devcontainer/devcontainer.json", "dock.yaml")


def parsers(data: bytes) -> None:
    """Diagnostics and tests that mean something, and the same ones however the output is cut. The
    first byte says where."""
    at = data[0] if data else 0
    log = data[1:]
    report = captured.read(log)
    captured.meaningful(report)
    cut = captured.read(log, (), [at % (len(log) + 1)])
    assert captured.plain(cut) == captured.plain(report)


def matchers(data: bytes) -> None:
    """A definition, then lines that it is to take, after an empty one."""
    definition, _, text = data.decode("utf-8", "replace").partition("\n\n")
    told: Any = definition
    if definition.startswith("{"):
        try:
            told = json.loads(definition)
        except (ValueError, RecursionError):
            with contextlib.suppress(MatcherError):
                matchers_of_tasks_json(definition)
            return
    matched(told, text)


def matched(definition: object, text: str) -> None:
    """A matcher that takes any line, or an error that says what is wrong."""
    try:
        made = make(definition)  # type: ignore[arg-type]  # rubbish is the point
    except MatcherError:
        return
    log = Log([], "/src", [made])
    log.feed(f"a.c:1:2: {text}\n{text}\n")
    log.finish()


def definition(data: bytes) -> None:
    """A Dockerfile is read, whatever it is, and what it takes from its context is told."""
    text = data.decode("utf-8", "replace")
    read = dockerfile.parse(text)
    lines = len(text.splitlines())
    for one in read.instructions:
        assert 1 <= one.line <= lines
    dockerfile.needs_buildkit(read)
    taken(read, {"VERSION": "1"})
    taken(read, {}, "tools")


def terminal(data: bytes) -> None:
    """Nothing that comes out commands a terminal, wherever the output is cut. The first byte says
    where."""
    at = data[0] if data else 0
    visible = Visible()
    shown = visible.feed(data[1 : at + 1]) + visible.feed(data[at + 1 :]) + visible.finish()
    rest = re.sub(r"\x1b\[[0-9;:]*[mK]", "", shown.decode())
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", rest)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (framing, decoding, configuration, parsers, matchers, definition, terminal)
}


# --- a session without a connection


class _Writer:
    """What a session writes to, as far as it asks."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.has_ended = asyncio.Event()
        self.transport = self

    def write(self, data: bytes) -> None:
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        self.said.append(message)
        if message.get("id") == _LAST["id"]:
            self.has_ended.set()

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.has_ended.set()


async def _nothing(*_: object) -> None:
    """The answer of every method."""


_LAST = {"jsonrpc": "2.0", "id": "the last one", "method": "buildd/status"}


async def _conversation(bodies: list[bytes]) -> list[dict[str, Any]]:
    """What the session says, once it has read all."""
    with socket.socket() as unused:
        server = Server(ListeningSocket(-1, unused, "", (0, 0), -1), settings({})[0])
        reader = asyncio.StreamReader(limit=HEADER_LIMIT)
        for body in [*bodies, json.dumps(_LAST).encode()]:
            reader.feed_data(frame(body))
        writer = _Writer()
        session = Session(server, reader, cast("asyncio.StreamWriter", writer))
        living = asyncio.create_task(session.live())
        await writer.has_ended.wait()
        if others := asyncio.all_tasks() - {living, asyncio.current_task()}:
            await asyncio.wait(others, timeout=1)
        reader.feed_eof()
        await living
        await server.projects.close()
    return writer.said


@contextlib.contextmanager
def _state() -> Iterator[None]:
    """Directories of its own for what a session might leave."""
    with tempfile.TemporaryDirectory() as directory:
        places = {"BUILDD_STATE_DIR": directory, "BUILDD_RUNTIME_DIR": directory}
        with mock.patch.dict(os.environ, places):
            yield
