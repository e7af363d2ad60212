"""What nobody writes on purpose, by the thousand: messages, configurations, patterns. What is
promised of them stands in `tests/fuzz/targets.py`."""

from __future__ import annotations

import asyncio
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildd.base.framing import HEADER_LIMIT, MessageBuffer, frame, read_message
from buildd.protocol import METHODS
from tests.fuzz.targets import configuration, framing, matched
from tests.support.client import Client
from tests.support.daemon import Daemon

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
@given(st.lists(heads, max_size=8), st.integers(0, 50))
def test_framing(pieces: list[bytes], size: int) -> None:
    framing(bytes([size]) + b"".join(pieces))


@many
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_was_framed_is_read(bodies: list[bytes]) -> None:
    async def read() -> list[bytes | None]:
        reader = asyncio.StreamReader(limit=HEADER_LIMIT)
        reader.feed_data(b"".join(map(frame, bodies)))
        reader.feed_eof()
        buffer = MessageBuffer()
        return [await read_message(reader, buffer) for _ in range(len(bodies) + 1)]

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
    configuration(b"0" + content)


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
    matched(definition, text)
