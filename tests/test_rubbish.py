"""What nobody writes on purpose, by the thousand: messages, configurations, patterns."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildd.config.load import check
from buildd.errors import ProtocolError
from buildd.framing import BODY_LIMIT, HEADER_LIMIT, frame, read_message
from buildd.matchers import MatcherError, make
from buildd.parsers.log import Log
from buildd.protocol import METHODS
from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon

many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))

heads = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda name, mark, value, end: name + mark + value + end,
        st.sampled_from([b"Content-Length", b"content-length", b"CONTENT-LENGTH ", b"X", b""]),
        st.sampled_from([b":", b": ", b"", b"::"]),
        st.one_of(st.integers(-5, 40).map(lambda n: b"%d" % n), st.binary(max_size=20)),
        st.sampled_from([b"\r\n\r\n", b"\n\n", b"\r\n", b"\n", b"", b"\r\r"]),
    ),
)


@many
@given(st.lists(heads, max_size=8), st.integers(1, 50))
def test_framing(pieces: list[bytes], size: int) -> None:
    """A message, the end, or a refusal, in finite time; however the bytes are cut."""
    data = b"".join(pieces)

    async def all_of_it() -> list[bytes]:
        reader = asyncio.StreamReader(limit=HEADER_LIMIT)
        feeding = asyncio.create_task(feed(reader))
        found = []
        try:
            while (body := await asyncio.wait_for(read_message(reader), TIMEOUT)) is not None:
                found.append(body)
        finally:
            await feeding
        return found

    async def feed(reader: asyncio.StreamReader) -> None:
        for start in range(0, len(data), size):
            reader.feed_data(data[start : start + size])
            await asyncio.sleep(0)
        reader.feed_eof()

    with contextlib.suppress(ProtocolError):
        assert sum(map(len, asyncio.run(all_of_it()))) <= min(len(data), BODY_LIMIT)


@many
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_was_framed_is_read(bodies: list[bytes]) -> None:
    async def read() -> list[bytes | None]:
        reader = asyncio.StreamReader(limit=HEADER_LIMIT)
        reader.feed_data(b"".join(map(frame, bodies)))
        reader.feed_eof()
        return [await read_message(reader) for _ in range(len(bodies) + 1)]

    assert asyncio.run(read()) == [*bodies, None]


rubbish = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)

# None that lasts, nor the one that ends the daemon.
_ASKED = sorted(METHODS.keys() - {"buildd/stop", "buildd/events", "buildd/doctor"})

messages = st.fixed_dictionaries(
    {"jsonrpc": st.one_of(st.just("2.0"), rubbish)},
    optional={
        "id": st.one_of(st.integers(), st.text(max_size=5), rubbish),
        "method": st.one_of(
            st.sampled_from([*_ASKED, "initialize", "$/cancelRequest", "textDocument/didOpen"]),
            rubbish,
        ),
        "params": rubbish,
        "result": rubbish,
        "error": rubbish,
    },
)


def test_messages(daemon: Daemon) -> None:
    """Whatever comes, the session goes on, and says nothing of a failure of its own."""
    client = daemon.connect()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.one_of(messages, rubbish), max_size=6))
    def send(group: list[object]) -> None:
        for one in group:
            client.send_raw(json.dumps(one).encode())
        answered(client)

    send()
    assert not [one for one in client.seen if one.get("error", {}).get("code") == -32603]


def answered(client: Client) -> None:
    answer = client.request("buildd/hello", version="0", build=0)
    assert answer["protocol"] == 1


_KEYS = st.sampled_from(
    ["environments", "build", "tasks", "run", "image", "dockerfile", "on-save", "mounts", "env"]
)
values = st.one_of(st.integers(), st.booleans(), st.text(max_size=10), st.lists(st.integers()))


@many
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(
            st.one_of(
                st.builds(lambda *keys: f"[{'.'.join(keys)}]", _KEYS, _KEYS, _KEYS),
                st.builds(lambda key, value: f"{key} = {json.dumps(value)}", _KEYS, values),
            ),
            max_size=8,
        ).map(lambda lines: "\n".join(lines).encode("utf-8", "replace")),
    )
)
def test_configurations(content: bytes) -> None:
    """A project, or errors that name their place."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "buildd.toml")
        file.write_bytes(content)
        project, errors = check(directory)
        lines = content.count(b"\n") + 1
        assert project or errors
        for error in errors:
            assert error.message
            assert 1 <= error.line <= lines
            assert error.column >= 1


_WORDS = ["%f", "%l", "%m", "%E", "%C", "%Z", "%A", "%-G", "%.%#", "%[a-z]", "%*[^:]", "%\\(", ","]


@many
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from([*_WORDS, ":", " ", "\\", "%", "%%", "a"]), max_size=12).map(
            "".join
        ),
        st.dictionaries(
            st.sampled_from(["pattern", "fileLocation", "severity", "owner"]), rubbish, max_size=4
        ),
    ),
    st.text(max_size=80),
)
def test_matchers(definition: object, text: str) -> None:
    """A matcher that takes any line, or an error that says what is wrong."""
    try:
        made = make(definition)  # type: ignore[arg-type]  # rubbish is the point
    except MatcherError:
        return
    log = Log([], "/src", [made])
    log.feed(f"a.c:1:2: {text}\n{text}\n")
    log.finish()
